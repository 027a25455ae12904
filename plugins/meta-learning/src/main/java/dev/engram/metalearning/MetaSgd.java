package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves each weight by a share of what the optimizer would move it: by step sizes that were learnt
 * before, on other tasks, and stay as they are (Meta-SGD: Li et al. 2017).
 *
 * <p>No sample is kept, and no pass added. It acts once there is an earlier task; the first trains
 * as without it. Called by the listener on the training thread.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class MetaSgd implements ForgettingGuard {

    private static final Logger LOG = LoggerFactory.getLogger(MetaSgd.class);
    private static final String KIND = "step-size";
    private static final String LEARNT = "has-learnt";
    private static final int MOST_TOLD = 5;

    private final String name;
    private final @Nullable Path file;
    private final double otherwise;
    private boolean hasEarlier;
    private @Nullable StepSizes sizes;

    private MetaSgd(Builder builder) {
        this.name = builder.name;
        this.file = builder.file;
        this.otherwise = builder.otherwise;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(StepScaling.ROLE);
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public boolean looksAtGradients() {
        return false;
    }

    /**
     * {@inheritDoc}
     *
     * @throws EngramException if the file cannot be read, or is of another model
     */
    @Override
    public void onTaskBegin(TrainingView training) {
        if (sizes != null) {
            return;
        }
        StepSizes begun = new StepSizes(training.manager(), Granularity.ROW, otherwise);
        if (file == null) {
            LOG.warn(
                    "{}: no file of step sizes is set, so every weight moves {} of what the"
                            + " optimizer moves it once there is an earlier task: a lower learning"
                            + " rate and no more. Learn them with MetaTrainer, and set file.",
                    name,
                    otherwise);
        } else {
            read(file, training, begun);
        }
        sizes = begun;
    }

    private void read(Path file, TrainingView training, StepSizes into) {
        List<String> without = new ArrayList<>();
        try (StepSizes read = StepSizes.load(file)) {
            Map<String, NDArray> known = read.byName();
            for (LiveParameter parameter : training.parameters()) {
                NDArray found = known.get(parameter.name());
                if (found == null || !StepSizes.fits(found, parameter.value())) {
                    without.add(parameter.name() + " " + parameter.value().getShape());
                } else {
                    try (NDArray here = found.toDevice(parameter.value().getDevice(), true)) {
                        into.put(parameter.name(), here);
                    }
                }
            }
            tell(file, without, into.byName().isEmpty(), known.keySet());
        }
    }

    private void tell(Path file, List<String> without, boolean isOfAnother, Set<String> known) {
        List<String> some = without.subList(0, Math.min(MOST_TOLD, without.size()));
        if (isOfAnother) {
            throw new EngramException(
                    "%s: the step sizes of %s are of another model: none fits a parameter of this one, such as %s; the file has %s. Learn them on this model with MetaTrainer, or name its file."
                            .formatted(name, file, some, known));
        }
        if (!without.isEmpty()) {
            LOG.warn(
                    "{}: {} has no step sizes that fit {} parameters, such as {}: these move {} of"
                            + " what the optimizer moves them",
                    name,
                    file,
                    without.size(),
                    some,
                    otherwise);
        }
    }

    @Override
    public boolean looksAtUpdates() {
        return hasEarlier;
    }

    @Override
    public void onUpdate(UpdateView update) {
        if (sizes == null) {
            return;
        }
        for (LiveParameter parameter : update.parameters()) {
            NDArray before = update.before().get(parameter.name());
            if (before != null) {
                NDArray value = parameter.value();
                ScaledUpdate.apply(value, before, sizes.of(parameter.name(), value), way -> {});
            }
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        hasEarlier = true;
    }

    /** Weights need no data to move less. */
    @Override
    public void onAnchor(TrainingView training) {
        onTaskBegin(training);
        hasEarlier = true;
    }

    /** A lower learning rate for all weights alike, which is all without a file, protects none. */
    @Override
    public boolean protectsBase() {
        return file != null;
    }

    @Override
    public void onBase(FinishedTask base) {
        onTaskBegin(base);
        hasEarlier = true;
    }

    @Override
    public Optional<GuardEffect> effect() {
        return hasEarlier ? Optional.of(GuardEffect.ofPenalty(0)) : Optional.empty();
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(LEARNT, String.valueOf(hasEarlier));
        if (sizes != null) {
            new LinkedHashMap<>(sizes.byName())
                    .forEach(
                            (parameter, size) ->
                                    memory.tensor(
                                            KIND,
                                            parameter,
                                            EngineMemory.copy(size, memory.manager())));
        }
    }

    /** A file that was set counts more: it may be another one than that of then. */
    @Override
    public void restore(MemoryReader memory) {
        hasEarlier = memory.text(LEARNT).map(Boolean::valueOf).orElse(false);
        if (file == null) {
            StepSizes restored = new StepSizes(memory.manager(), Granularity.ROW, otherwise);
            try (var work = memory.manager().newSubManager()) {
                memory.tensors(KIND, work).forEach(restored::put);
            }
            sizes = restored;
        }
    }

    /** Builds a {@link MetaSgd}. */
    public static final class Builder {

        private String name = "meta-sgd";
        private @Nullable Path file;
        private double otherwise = 0.1;

        private Builder() {}

        /** Sets the file of step sizes that {@link StepSizes#save} wrote. */
        public Builder optFile(Path file) {
            this.file = file;
            return this;
        }

        /** Sets the step size of parameters that the file has none for; 0.1 unless set. */
        public Builder optOtherwise(double size) {
            this.otherwise = size;
            return this;
        }

        /** Sets the name under which the guard's memory is kept. */
        public Builder optName(String name) {
            this.name = name;
            return this;
        }

        /**
         * Builds the guard.
         *
         * @throws InvalidOptionException if an option is out of its bounds, or there is no file
         */
        public MetaSgd build() {
            if (!(otherwise >= 0 && Double.isFinite(otherwise))) {
                throw new InvalidOptionException(
                        "optOtherwise(%s): give 0 or more".formatted(otherwise));
            }
            if (file != null && !Files.isRegularFile(file)) {
                throw new InvalidOptionException(
                        "optFile(%s): there is no such file: MetaTrainer's outcome writes one, outcome.stepSizes().save(file)"
                                .formatted(file));
            }
            return new MetaSgd(this);
        }
    }
}
