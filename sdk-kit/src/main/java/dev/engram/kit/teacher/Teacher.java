package dev.engram.kit.teacher;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.shape.Growth;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An earlier state of the model, whose answers a guard learns from: its values, which the model's
 * own blocks are run with.
 *
 * <p>A guard owns it: takes the values at the end of a task with {@link #take}, asks it at a step
 * with {@link #of}, and writes it down with {@link #save}. Used on the training thread alone.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Teacher {

    private final String kind;
    private @Nullable NDManager owner;
    private Map<String, NDArray> values = Map.of();

    /**
     * Creates one that knows nothing yet.
     *
     * @param kind under which the memory keeps its values, such as {@code teacher}
     */
    public Teacher(String kind) {
        this.kind = kind;
    }

    /** Returns whether it has values. */
    public boolean isThere() {
        return !values.isEmpty();
    }

    /**
     * Takes the model as it is, instead of what was taken before.
     *
     * @param manager the guard's own, which outlives tasks
     */
    public void take(GuardedModel model, NDManager manager) {
        NDManager next = manager.newSubManager();
        next.setName(kind);
        hold(model.copy(next), next);
    }

    /**
     * Moves towards the model as it is: {@code v ← decay v + (1 − decay) θ}, on the device, without
     * a wait. Of a parameter that has grown the begin is followed. Running statistics stay as they
     * were taken, and so do parameters of other shapes.
     */
    public void follow(TrainingView training, double decay) {
        for (LiveParameter parameter : training.parameters()) {
            NDArray value = values.get(parameter.name());
            NDArray now = parameter.value();
            if (value == null) {
                continue;
            }
            if (value.getShape().equals(now.getShape())) {
                follow(value, now, decay);
            } else if (Growth.of(value.getShape(), now.getShape())) {
                try (NDArray begin = Growth.begin(now, value.getShape())) {
                    follow(value, begin, decay);
                }
            }
        }
    }

    private static void follow(NDArray value, NDArray now, double decay) {
        try (NDArray way = now.sub(value)) {
            way.muli(1 - decay);
            value.addi(way);
        }
    }

    /**
     * Takes of the model what it has grown by since its values were taken, such as a head's new
     * rows; the rest stays as it was taken.
     *
     * @param manager the guard's own, which outlives tasks
     */
    public void grow(GuardedModel model, NDManager manager) {
        NDManager next = manager.newSubManager();
        next.setName(kind);
        Map<String, NDArray> all = new LinkedHashMap<>();
        model.copy(next).forEach((name, now) -> all.put(name, grown(name, now, next)));
        hold(all, next);
    }

    private NDArray grown(String name, NDArray now, NDManager next) {
        NDArray value = values.get(name);
        if (value == null) {
            return now;
        }
        if (!Growth.of(value.getShape(), now.getShape())) {
            now.close();
            return EngineMemory.copy(value, next);
        }
        try (now) {
            NDArray grown = Growth.among(value, now);
            grown.attach(next);
            return grown;
        }
    }

    /**
     * Returns the model as it was when the values were taken; valid as long as {@code model}. While
     * it has none, that is the model as it is.
     */
    public GuardedModel of(GuardedModel model) {
        return model.with(values);
    }

    /** Returns what it predicts, cut off from autograd. */
    public NDList answers(GuardedModel model, NDList inputs) {
        NDList answers = new NDList();
        for (NDArray output : of(model).predict(inputs)) {
            answers.add(output.stopGradient());
        }
        return answers;
    }

    /** Returns its values by path name, which are not to be changed. */
    public Map<String, NDArray> values() {
        return values;
    }

    /** Forgets its values. */
    public void forget() {
        values = Map.of();
        if (owner != null) {
            owner.close();
            owner = null;
        }
    }

    /** Writes its values down. */
    public void save(MemoryWriter memory) {
        values.forEach(
                (name, value) ->
                        memory.tensor(kind, name, EngineMemory.copy(value, memory.manager())));
    }

    /** Reads back what {@link #save} wrote. */
    public void restore(MemoryReader memory) {
        NDManager next = memory.manager().newSubManager();
        next.setName(kind);
        hold(memory.tensors(kind, next), next);
    }

    private void hold(Map<String, NDArray> next, NDManager manager) {
        forget();
        values = Map.copyOf(next);
        owner = manager;
    }
}
