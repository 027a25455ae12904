package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.GradientProbe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of what the optimizer did to a layer whatever would change the layer's answers to the
 * inputs that earlier tasks fed into it. Whatever the optimizer; its own state is left alone.
 *
 * <p>No sample is kept: of all tasks together one matrix a layer, and one number for each element
 * of the parameters that are no layer's matrix.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class GradientProjection implements ForgettingGuard {

    static final String ROLE = "update-projection";

    private final String name;
    private final ProjectionRule rule;
    private final int every;
    private final InputsFrom inputs;
    private boolean beginsEpoch;
    private @Nullable ProjectionMemory memory;
    private @Nullable ProjectionMemory prepared;
    private @Nullable ProjectedUpdates updates;
    private int pending;

    private GradientProjection(Builder builder, ProjectionRule rule) {
        this.name = builder.name;
        this.rule = rule;
        this.every = builder.every;
        this.inputs = builder.inputs;
    }

    /**
     * Returns a builder of orthogonal weights modification, softly: {@code Δ ← Δ · α (C + αI)⁻¹}.
     *
     * @param alpha more leaves new tasks more room, and protects earlier ones less
     */
    public static Builder owm(double alpha) {
        return new Builder("owm", "alpha", alpha, SummedRule.Owm::new);
    }

    /**
     * Returns a builder of gradient projection memory: updates are orthogonal to what holds a share
     * of the energy of each task's inputs.
     */
    public static Builder gpm(double share) {
        return new Builder("gpm", "share", share, GpmRule::new);
    }

    /**
     * Returns a builder of the null space method: updates keep to directions into which earlier
     * tasks' inputs have no more energy than a bound, in units of the mean of one task.
     */
    public static Builder nscl(double bound) {
        return new Builder("nscl", "bound", bound, SummedRule.Nscl::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(ROLE);
    }

    @Override
    public void onTrainerBegin(Trainer begun) {
        if (every > 1 && begun.getDevices().length > 1) {
            throw new EngramException(
                    "every = %d projects the weights of one device, but the trainer has %d: set every = 1, or train on one"
                            .formatted(every, begun.getDevices().length));
        }
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        forgetTask();
        prepare(training);
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        flush();
        prepare(training);
    }

    private void prepare(TrainingView training) {
        if (updates != null) {
            updates.close();
            updates = null;
        }
        if (memory != null && !memory.isEmpty()) {
            updates = new ProjectedUpdates(training, memory, rule, every > 1);
        }
    }

    @Override
    public boolean looksAtUpdates() {
        return memory != null && !memory.isEmpty();
    }

    /** Several steps are compared with weights of its own. */
    @Override
    public boolean comparesUpdate(long step) {
        return every == 1;
    }

    /**
     * It also acts where the runtime measures what guards do: at such steps, and an epoch's first.
     */
    @Override
    public void onUpdate(UpdateView update) {
        if (updates == null) {
            return;
        }
        pending++;
        if (every == 1) {
            updates.project(update.before());
            pending = 0;
        } else if (pending >= every || beginsEpoch || GradientProbe.isDue(update.step())) {
            flush();
            beginsEpoch = false;
        }
    }

    private void flush() {
        if (updates != null && pending > 0) {
            updates.project();
        }
        pending = 0;
    }

    /** Nobody validates, serves or saves what is not projected yet. */
    @Override
    public void onWeightsRead(TrainingView training) {
        flush();
    }

    @Override
    public void onEpoch(TrainingView training) {
        flush();
        beginsEpoch = true;
    }

    @Override
    public void prepareTaskEnd(FinishedTask task) {
        flush();
        FoundInputs found = new FoundInputs(task.scratch());
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Map.Entry<String, NDArray> entry : task.model().values(task.scratch()).entrySet()) {
            shapes.put(entry.getKey(), entry.getValue().getShape());
        }
        // Also of a model that was not trained here (remember): the file says where its inputs are.
        Block block = task.model().block();
        ModelLayers model = new ModelLayers(shapes, block);
        if (inputs == InputsFrom.AUTO) {
            SeenInputs.look(block, task, model, found);
        }
        SketchedInputs.look(task, model, found);
        ProjectionMemory before = memory == null ? new ProjectionMemory(task.scratch()) : memory;
        prepared = before.and(found, rule, task.manager());
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (memory != null) {
            memory.close();
        }
        memory = prepared;
        prepared = null;
        forgetTask();
    }

    /** What was not projected yet is: the model may be used as it stands. */
    @Override
    public void onTaskAborted(TrainingView training) {
        flush();
        forgetTask();
    }

    private void forgetTask() {
        pending = 0;
        if (updates != null) {
            updates.close();
            updates = null;
        }
        if (prepared != null) {
            prepared.close();
            prepared = null;
        }
    }

    @Override
    public Optional<GuardEffect> effect() {
        return memory == null || memory.isEmpty()
                ? Optional.empty()
                : Optional.of(GuardEffect.ofPenalty(0));
    }

    @Override
    public void save(MemoryWriter writer) {
        if (memory != null) {
            memory.save(writer);
        }
    }

    @Override
    public void restore(MemoryReader reader) {
        ProjectionMemory restored = new ProjectionMemory(reader.manager());
        restored.restore(reader);
        memory = restored;
    }

    /** Builds a {@link GradientProjection}. */
    public static final class Builder {

        private final String kind;
        private final String option;
        private final double value;
        private final DoubleFunction<ProjectionRule> rule;
        private String name;
        private int every = 8;
        private InputsFrom inputs = InputsFrom.AUTO;

        private Builder(
                String kind, String option, double value, DoubleFunction<ProjectionRule> rule) {
            this.kind = kind;
            this.name = kind;
            this.option = option;
            this.value = value;
            this.rule = rule;
        }

        /** Sets after how many steps their updates are projected together; 8 unless set. */
        public Builder optEvery(int every) {
            this.every = every;
            return this;
        }

        /** Sets where inputs are known from; {@link InputsFrom#AUTO} unless set. */
        public Builder optInputs(InputsFrom inputs) {
            this.inputs = inputs;
            return this;
        }

        /** Sets the name of its memory; {@code owm}, {@code gpm} or {@code nscl} unless set. */
        public Builder optName(String name) {
            this.name = name;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if an option is out of its bounds
         */
        public GradientProjection build() {
            double most = kind.equals("gpm") ? 1 : Double.MAX_VALUE;
            if (!(value > 0 && value <= most)) {
                throw new InvalidOptionException(
                        "%s(%s): give a %s above 0%s"
                                .formatted(kind, value, option, most == 1 ? ", at most 1" : ""));
            }
            if (every < 1) {
                throw new InvalidOptionException("optEvery(" + every + "): give 1 or more");
            }
            return new GradientProjection(this, rule.apply(value));
        }
    }
}
