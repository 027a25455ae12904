package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A base that never asks the store for its parameters, as TorchScript models do not: a task's
 * values are written into its arrays, and the base's own are kept aside, bit for bit.
 *
 * <p>Passes of one task run beside each other; a pass of another task waits for them, because the
 * arrays are shared. Load the model once a task where that is too slow.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OpaqueBase {

    private final Map<String, NDArray> originals = new LinkedHashMap<>();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final NDManager manager;
    private @Nullable OverlayParameters occupant;

    /** Creates it; copies are made of those parameters that tasks change. */
    public OpaqueBase(BaseModel base) {
        this.manager = base.manager();
    }

    /** Returns whether a block is, or holds, one that never asks the store. */
    public static boolean isOpaque(Block block) {
        return EvaluationBlocks.holdsTorchScript(block);
    }

    /** Keeps the base's values of a parameter, unless they are kept already. */
    synchronized NDArray original(Parameter parameter) {
        return originals.computeIfAbsent(
                parameter.getId(),
                id -> {
                    NDArray copy = parameter.getArray().duplicate();
                    copy.attach(manager);
                    return copy;
                });
    }

    /** Runs a pass with a task's values in place. */
    NDList forward(OverlayParameters task, Block block, ForwardPass pass) {
        return run(task, pass, () -> pass.through(block, pass.store(), pass.inputs()));
    }

    /** Runs a pass with the base's own values in place. */
    public NDList forwardBase(Block block, ForwardPass pass) {
        return run(null, pass, () -> pass.through(block, pass.store(), pass.inputs()));
    }

    /** Puts the base's own values back, bit for bit, and forgets them: they may change now. */
    public void restore() {
        withBase(() -> true);
    }

    /** Runs work while the arrays hold the base's own values: passes on other threads wait. */
    public <T> T withBase(Supplier<T> work) {
        lock.writeLock().lock();
        try {
            leave();
            occupant = null;
            forget();
            return work.get();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private synchronized void forget() {
        originals.values().forEach(NDArray::close);
        originals.clear();
    }

    private NDList run(@Nullable OverlayParameters task, ForwardPass pass, Supplier<NDList> work) {
        enter(task, pass);
        try {
            return work.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Returns with the read lock held and the values in place. */
    @SuppressWarnings("LockNotBeforeTry")
    private void enter(@Nullable OverlayParameters task, ForwardPass pass) {
        lock.readLock().lock();
        if (occupant == task && (task == null || !task.isStale(pass.training()))) {
            return;
        }
        // A read lock cannot be raised to a write lock, only the other way round.
        lock.readLock().unlock();
        lock.writeLock().lock();
        try {
            moveIn(task, pass.store(), pass);
            lock.readLock().lock();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void moveIn(@Nullable OverlayParameters task, ParameterStore store, ForwardPass pass) {
        if (occupant != task) {
            leave();
        }
        occupant = task;
        if (task != null) {
            try (NDManager scope = manager.newSubManager()) {
                task.write(this, store, scope, pass.training());
            }
        }
    }

    private void leave() {
        OverlayParameters last = occupant;
        if (last != null) {
            last.left();
            last.targets()
                    .values()
                    .forEach(parameter -> put(original(parameter), parameter, false));
        }
    }

    /**
     * Writes values into a parameter's array, which may be done to a leaf without gradient only.
     */
    public static void put(NDArray values, Parameter parameter, boolean training) {
        NDArray array = parameter.getArray();
        array.setRequiresGradient(false);
        EngineMemory.write(values, array);
        if (training) {
            array.setRequiresGradient(true);
        }
    }
}
