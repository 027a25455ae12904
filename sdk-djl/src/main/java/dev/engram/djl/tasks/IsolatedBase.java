package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The base of a registry, with the method that makes parameters over it. */
final class IsolatedBase {

    private final PluggedIsolation isolation;
    private final NDManager manager;
    private final Base base;
    private final Supplier<List<TaskParameters>> earlier;

    /**
     * Creates it.
     *
     * @param earlier gives what is loaded now
     */
    IsolatedBase(Model model, PluggedIsolation isolation, Supplier<List<TaskParameters>> earlier) {
        this.isolation = isolation;
        this.earlier = earlier;
        this.manager =
                NDManager.newBaseManager(
                        model.getNDManager().getDevice(),
                        model.getNDManager().getEngine().getEngineName());
        this.manager.setName("engram tasks");
        Block block = model.getBlock();
        Block own = block instanceof IsolatedBlock installed ? installed.base() : block;
        this.base = new Base(own, own.getParameters(), manager, List.of());
    }

    Base model() {
        return base;
    }

    Block block() {
        return base.block();
    }

    NDManager manager() {
        return manager;
    }

    boolean isOpen() {
        return manager.isOpen();
    }

    /** Creates parameters for a task that is not loaded yet. */
    TaskParameters create(String name) {
        return over(all -> isolation.create(all, Task.named(name)));
    }

    /**
     * Creates parameters with values from elsewhere, as those of a task that was learnt.
     *
     * @param rows of the base that it knows
     */
    TaskParameters filled(String name, Map<String, NDArray> tensors, KnownRows rows) {
        TaskParameters fresh = create(name);
        try {
            TaskTensors.put(name, tensors, fresh, rows);
            return served(fresh);
        } catch (RuntimeException e) {
            new LoadedTask(name, fresh, rows, isolation).unload();
            throw e;
        }
    }

    /** Creates the weighted sum of tasks. */
    TaskParameters combined(Map<TaskParameters, Double> weights) {
        return served(over(all -> isolation.combine(all, weights)));
    }

    /** As a task that was learnt: the engine records nothing, and sums in the same order. */
    static TaskParameters served(TaskParameters parameters) {
        parameters.parameters().values().forEach(own -> own.freeze(true));
        return parameters;
    }

    /** Lets somebody read the base's own values, whatever runs meanwhile. */
    <T> T over(Function<Base, T> work) {
        return isolation.withBase(base, () -> work.apply(base.after(earlier.get())));
    }

    /** Lets somebody work while the base's arrays hold the base's values. */
    void run(Runnable work) {
        isolation.withBase(
                base,
                () -> {
                    work.run();
                    return true;
                });
    }

    NDList forward(ForwardPass pass) {
        return isolation.forwardBase(base, pass);
    }

    /** Returns the base with its own values in its arrays, whatever task ran last. */
    Base untouched() {
        isolation.uninstall(base);
        return base;
    }

    void close() {
        manager.close();
    }
}
