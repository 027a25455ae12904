package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.metalearning.ScaledUpdate.Ways;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** La-MAML's step sizes: those of the task that trains, and as the last learnt one left them. */
final class LearntSteps {

    private static final String KIND = "step-size";

    private final Granularity per;
    private final double initial;
    private final double most;
    private final double rate;
    private final boolean normalised;
    private @Nullable StepSizes learnt;
    private @Nullable StepSizes training;

    LearntSteps(LaMaml.Builder builder) {
        this.per = builder.per;
        this.initial = builder.initial;
        this.most = builder.most;
        this.rate = builder.stepRate;
        this.normalised = builder.normalised;
    }

    void begin(TrainingView view) {
        abort();
        training =
                learnt == null
                        ? new StepSizes(view.manager(), per, initial)
                        : learnt.copy(view.manager());
    }

    Optional<StepSizes> now() {
        return Optional.ofNullable(training == null ? learnt : training);
    }

    NDArray of(LiveParameter parameter) {
        if (training == null) {
            throw new IllegalStateException("no task has begun");
        }
        return training.of(parameter.name(), parameter.value());
    }

    /** Learns from the gradients of a step, which stand behind what an earlier one did. */
    void learn(StepView step, Ways ways) {
        for (LiveParameter parameter : step.parameters()) {
            NDArray way = ways.of(parameter.name());
            if (way != null && way.getShape().equals(parameter.value().getShape())) {
                try (NDArray gradient = parameter.gradient()) {
                    learn(parameter, gradient, way);
                }
            }
        }
    }

    void learn(LiveParameter parameter, NDArray gradient, NDArray way) {
        NDArray sizes = of(parameter);
        try (NDArray derivative = ScaledUpdate.derivative(gradient, way, sizes)) {
            ScaledUpdate.learn(sizes, derivative, rate, normalised, most);
        }
    }

    /** Shortens what the optimizer did. */
    void apply(UpdateView update, @Nullable Ways keeping) {
        for (LiveParameter parameter : update.parameters()) {
            NDArray before = update.before().get(parameter.name());
            if (before != null) {
                ScaledUpdate.apply(
                        parameter.value(),
                        before,
                        of(parameter),
                        way -> {
                            if (keeping != null) {
                                keeping.put(parameter.name(), way);
                            }
                        });
            }
        }
    }

    void end() {
        if (training != null) {
            if (learnt != null) {
                learnt.close();
            }
            learnt = training;
            training = null;
        }
    }

    void abort() {
        if (training != null) {
            training.close();
            training = null;
        }
    }

    void save(MemoryWriter memory) {
        if (learnt != null) {
            learnt.byName()
                    .forEach(
                            (name, sizes) ->
                                    memory.tensor(
                                            KIND,
                                            name,
                                            EngineMemory.copy(sizes, memory.manager())));
        }
    }

    void restore(MemoryReader memory) {
        StepSizes restored = new StepSizes(memory.manager(), per, initial);
        try (var work = memory.manager().newSubManager()) {
            memory.tensors(KIND, work).forEach(restored::put);
        }
        learnt = restored;
    }
}
