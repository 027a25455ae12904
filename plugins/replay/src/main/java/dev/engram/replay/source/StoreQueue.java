package dev.engram.replay.source;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.SampleKey;
import dev.engram.replay.store.SampleStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store with its own thread if it is slow, so that training does not wait for a disk.
 *
 * <p>What is asked of it is done in the order in which it was asked; at most one change is under
 * way, so that a process that is killed loses no more than one batch.
 */
final class StoreQueue implements AutoCloseable {

    private final SampleStore store;
    private final @Nullable ExecutorService worker;
    private @Nullable Future<?> change;

    StoreQueue(SampleStore store) {
        this.store = store;
        this.worker =
                store.isDurable()
                        ? Executors.newSingleThreadExecutor(
                                work -> {
                                    Thread thread = new Thread(work, "engram replay store");
                                    thread.setDaemon(true);
                                    return thread;
                                })
                        : null;
    }

    /** Returns whether samples outlive the process, and reading them is worth doing ahead. */
    boolean isDurable() {
        return store.isDurable();
    }

    /** Returns whether other processes may use the store now. */
    boolean isShared() {
        return store.isShared();
    }

    long nextId() {
        return store.nextId();
    }

    void forEach(Consumer<SampleKey> visitor) {
        await(submit(() -> done(() -> store.forEach(visitor))));
    }

    Optional<String> state() {
        return await(submit(store::state));
    }

    /** Applies a change and closes {@code arrays}, the manager of its arrays, when that is done. */
    void apply(Change wanted, NDManager arrays) {
        finish();
        change =
                submit(
                        () -> {
                            try (arrays) {
                                store.apply(wanted);
                            }
                            return true;
                        });
    }

    /** Waits until all changes are in the store. */
    void finish() {
        Future<?> last = change;
        change = null;
        if (last != null) {
            await(last);
        }
    }

    /** Begins to read; the manager must stay open until the result is there. */
    Future<NDList> read(long[] ids, NDManager manager) {
        return submit(() -> store.read(ids, manager));
    }

    /** Reads all samples and returns the numbers of those that cannot be read. */
    List<Long> damaged() {
        finish();
        return await(submit(store::damaged));
    }

    void purge() {
        finish();
        await(submit(() -> done(store::purge)));
    }

    @Override
    public void close() {
        try {
            finish();
        } finally {
            // On the worker: an interrupt of this thread would close the store's files under it.
            await(submit(() -> done(store::close)));
            if (worker != null) {
                worker.shutdown();
            }
        }
    }

    /** Returns how messages name the store. */
    @Override
    public String toString() {
        return store.toString();
    }

    /** Waits also in a thread that was interrupted: what it has learnt is to be written down. */
    static <T> T await(Future<T> future) {
        try {
            return uninterrupted(future);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EngramException known) {
                throw known;
            }
            throw new EngramException("The replay store failed: " + e.getCause(), e.getCause());
        }
    }

    private static <T> T uninterrupted(Future<T> future) throws ExecutionException {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> Future<T> submit(Callable<T> work) {
        if (worker != null) {
            return worker.submit(work);
        }
        FutureTask<T> now = new FutureTask<>(work);
        now.run();
        return now;
    }

    private static boolean done(Runnable work) {
        work.run();
        return true;
    }
}
