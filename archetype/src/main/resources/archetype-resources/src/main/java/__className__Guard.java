package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.kit.autograd.EngineMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds the weights near those that the last task ended with: adds {@code strength/2 ‖θ − θ*‖²} to
 * the loss, by its gradient {@code strength (θ − θ*)}.
 */
final class ${className}Guard implements ForgettingGuard {

    /** The kind of the tensors in the memory; becomes part of a file name. */
    private static final String ANCHOR = "anchor";

    private final double strength;

    /** The weights to stay near, by path name. Empty until a task was learnt. */
    private final Map<String, NDArray> anchors = new HashMap<>();

    private Optional<GuardEffect> effect = Optional.empty();

    ${className}Guard(double strength) {
        this.strength = strength;
    }

    @Override
    public String name() {
        return "${strategyId}";
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.PENALTY);
    }

    /** The weights are all that it looks at when a task ends. */
    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        effect = Optional.empty();
    }

    /** Each step comes here: no value is read from the device, and every array is closed. */
    @Override
    public void onBackward(StepView step) {
        if (anchors.isEmpty()) {
            return;
        }
        double weight = strength * step.lossScale();
        for (LiveParameter parameter : step.parameters()) {
            if (isHeld(parameter)) {
                try (NDArray gradient = parameter.gradient();
                        NDArray pull = way(parameter)) {
                    pull.muli(weight);
                    gradient.addi(pull);
                }
            }
        }
    }

    /** Here one may wait for the device. The runtime measures the share in the gradient. */
    @Override
    public void onEpoch(TrainingView training) {
        if (!anchors.isEmpty()) {
            effect = Optional.of(GuardEffect.ofPenalty(strength / 2 * squaredDistance(training)));
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        hold(task);
    }

    /** A base model without data: its weights are all that is needed. */
    @Override
    public void onAnchor(TrainingView training) {
        hold(training);
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    @Override
    public void onBase(FinishedTask base) {
        hold(base);
    }

    @Override
    public Optional<GuardEffect> effect() {
        return effect;
    }

    /** To be raised with what {@link #save} writes; {@link #restore} reads all earlier versions. */
    @Override
    public int stateVersion() {
        return 1;
    }

    @Override
    public void save(MemoryWriter memory) {
        anchors.forEach((name, anchor) -> memory.tensor(ANCHOR, name, anchor));
    }

    @Override
    public void restore(MemoryReader memory) {
        anchors.putAll(memory.tensors(ANCHOR, memory.manager()));
    }

    /** Copies all before anything is changed; what did not train keeps its anchor. */
    private void hold(TrainingView training) {
        Map<String, NDArray> next = new HashMap<>();
        for (LiveParameter parameter : training.parameters()) {
            next.put(parameter.name(), EngineMemory.copy(parameter.value(), training.manager()));
        }
        next.forEach(
                (name, anchor) -> {
                    NDArray before = anchors.put(name, anchor);
                    if (before != null) {
                        before.close();
                    }
                });
    }

    /** A parameter that is new, or has grown since, is free. */
    private boolean isHeld(LiveParameter parameter) {
        NDArray anchor = anchors.get(parameter.name());
        return anchor != null && anchor.getShape().equals(parameter.value().getShape());
    }

    /** Returns {@code θ − θ*}, which the caller closes. */
    private NDArray way(LiveParameter parameter) {
        return parameter.value().sub(anchors.get(parameter.name()));
    }

    private double squaredDistance(TrainingView training) {
        double sum = 0;
        for (LiveParameter parameter : training.parameters()) {
            if (isHeld(parameter)) {
                try (NDArray way = way(parameter);
                        NDArray square = way.square();
                        NDArray total = square.sum();
                        NDArray read = total.toType(DataType.FLOAT32, true)) {
                    sum += read.getFloat();
                }
            }
        }
        return sum;
    }
}
