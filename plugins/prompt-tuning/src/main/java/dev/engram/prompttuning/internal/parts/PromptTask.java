package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.guard.StepView;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.overlay.OverlayParameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one task has: parts inside the blocks of the base, and whole copies of its parameters. */
public final class PromptTask implements TaskParameters {

    private final OverlayParameters owned;
    private final Map<String, Part> parts;

    /**
     * Creates it.
     *
     * @param owned whole copies, over the base with the parts inside
     * @param parts by place
     */
    public PromptTask(OverlayParameters owned, Map<String, Part> parts) {
        this.owned = owned;
        this.parts = new LinkedHashMap<>(parts);
    }

    /** Returns those of the parts, such as {@code 01BertBlock/vectors}, then the copies. */
    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = new PairList<>();
        parts.forEach(
                (place, part) -> {
                    for (Pair<String, Parameter> own : part.parameters()) {
                        all.add(place + "/" + own.getKey(), own.getValue());
                    }
                });
        all.addAll(owned.parameters());
        return all;
    }

    @Override
    public NDList forward(ForwardPass pass) {
        return owned.forward(pass);
    }

    @Override
    public void onBackward(StepView step) {
        parts.values().forEach(part -> part.onBackward(step));
    }

    @Override
    public void close() {
        parts.values().forEach(Part::close);
    }

    /** Hands the arrays over to the manager that outlives their making. */
    public PromptTask keptBy(NDManager manager) {
        parameters().values().forEach(parameter -> parameter.getArray().attach(manager));
        return this;
    }

    /** Starts with the values of another task, as far as names and shapes agree. */
    public void startWith(PromptTask other) {
        PairList<String, Parameter> others = other.parameters();
        for (Pair<String, Parameter> own : parameters()) {
            Parameter from = others.get(own.getKey());
            if (from != null && isLike(from.getArray(), own.getValue())) {
                set(own.getValue(), from.getArray());
            }
        }
    }

    private static boolean isLike(NDArray value, Parameter parameter) {
        return value.getShape().equals(parameter.getArray().getShape());
    }

    private static void set(Parameter parameter, NDArray value) {
        NDArray array = parameter.getArray();
        array.setRequiresGradient(false);
        EngineMemory.write(value, array);
        array.setRequiresGradient(parameter.requiresGradient());
    }

    /** Says in one line what the task has, for the log. */
    @Override
    public String toString() {
        long count = 0;
        for (Parameter parameter : parameters().values()) {
            count += parameter.requiresGradient() ? parameter.getArray().size() : 0;
        }
        return "%d trainable values, at %s".formatted(count, parts.keySet());
    }
}
