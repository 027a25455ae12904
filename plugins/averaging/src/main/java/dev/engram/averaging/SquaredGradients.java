package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.shape.Growth;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much the loss of each task answers to each weight: the mean of the squared gradients of its
 * batches, and the sum over the tasks before it (Matena and Raffel 2022, with batches for samples).
 */
final class SquaredGradients {

    private static final String KIND = "squared-gradients";
    private static final float LEAST = 1e-8f;

    private final Map<String, NDArray> earlier = new LinkedHashMap<>();
    private final Map<String, NDArray> now = new LinkedHashMap<>();
    private @Nullable NDManager owner;
    private @Nullable NDManager current;
    private long steps;

    void begin(TrainingView training) {
        abort();
        NDManager manager = training.manager().newSubManager();
        manager.setName("squared gradients");
        current = manager;
    }

    void add(StepView step) {
        NDManager manager = current;
        if (manager == null) {
            return;
        }
        steps++;
        for (LiveParameter one : step.parameters()) {
            try (NDArray gradient = one.gradient();
                    NDArray square = gradient.square()) {
                NDArray sum = now.get(one.name());
                if (sum == null) {
                    now.put(one.name(), EngineMemory.copy(square, manager));
                } else {
                    sum.addi(square);
                }
            }
        }
    }

    /**
     * Returns each element's share of the new task: {@code F_new / (F_new + F_earlier)}; no earlier
     * task looked at what has grown since.
     */
    Map<String, NDArray> shares(NDManager scratch) {
        Map<String, NDArray> shares = new LinkedHashMap<>();
        now.forEach(
                (name, sum) -> {
                    NDArray before = earlier(name, sum, scratch);
                    if (before != null) {
                        NDArray own = sum.div((float) steps);
                        own.attach(scratch);
                        own.addi(LEAST);
                        NDArray all = own.add(before);
                        all.attach(scratch);
                        all.addi(LEAST);
                        shares.put(name, own.divi(all));
                    }
                });
        return shares;
    }

    /** Counts the task among the earlier ones. */
    void end(TrainingView training) {
        NDManager manager = owner == null ? training.manager().newSubManager() : owner;
        owner = manager;
        now.forEach(
                (name, sum) -> {
                    sum.divi((float) Math.max(1, steps));
                    NDArray before = earlier(name, sum, manager);
                    if (before == null) {
                        keep(name, EngineMemory.copy(sum, manager));
                    } else {
                        before.addi(sum);
                        keep(name, before);
                    }
                });
        abort();
    }

    /** Returns what is known of a parameter, in the shape that it has now. */
    private @Nullable NDArray earlier(String name, NDArray now, NDManager owner) {
        NDArray known = earlier.get(name);
        if (known == null || known.getShape().equals(now.getShape())) {
            return known;
        }
        if (!Growth.of(known.getShape(), now.getShape())) {
            return null;
        }
        try (NDArray zeros = now.zerosLike()) {
            NDArray grown = Growth.among(known, zeros);
            grown.attach(owner);
            return grown;
        }
    }

    private void keep(String name, NDArray sum) {
        NDArray replaced = earlier.put(name, sum);
        if (replaced != null && replaced != sum) {
            replaced.close();
        }
    }

    void abort() {
        now.clear();
        steps = 0;
        if (current != null) {
            current.close();
            current = null;
        }
    }

    void save(MemoryWriter memory) {
        earlier.forEach(
                (name, sum) -> memory.tensor(KIND, name, EngineMemory.copy(sum, memory.manager())));
    }

    void restore(MemoryReader memory) {
        NDManager manager = memory.manager().newSubManager();
        owner = manager;
        earlier.putAll(memory.tensors(KIND, manager));
    }
}
