package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A task that can be run, and how many passes run it now: it is freed when the last one ends. */
final class LoadedTask {

    private static final int UNLOADED = Integer.MIN_VALUE;

    private final PluggedIsolation isolation;
    private final String name;
    private final TaskParameters parameters;
    private final KnownRows rows;
    private final AtomicInteger passes = new AtomicInteger();
    private final AtomicBoolean isFree = new AtomicBoolean();

    /**
     * Creates it.
     *
     * @param rows of the base that the task knows
     * @param isolation the method that made the parameters
     */
    LoadedTask(String name, TaskParameters parameters, KnownRows rows, PluggedIsolation isolation) {
        this.isolation = isolation;
        this.name = name;
        this.parameters = parameters;
        this.rows = rows;
    }

    String name() {
        return name;
    }

    TaskParameters parameters() {
        return parameters;
    }

    /** Returns the values that the base would have with it built in. */
    Optional<Map<String, NDArray>> merged(NDManager manager) {
        return isolation.merged(parameters, manager);
    }

    /** Returns copies of its tensors, by name. */
    Map<String, NDArray> tensors(NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        for (Pair<String, Parameter> own : parameters.parameters()) {
            NDArray copy = own.getValue().getArray().duplicate();
            copy.attach(owner);
            copies.put(own.getKey(), copy);
        }
        return copies;
    }

    /** What knows fewer rows than the base has is no change of all of the base. */
    void requireWhole(String call) {
        if (!rows.areAll()) {
            throw new EngramException(
                    "%s: task \"%s\" was learnt before the base grew, and knows only the first rows of it (%s). Serve it with handle(\"%s\"), or take the base that it was learnt on"
                            .formatted(call, name, rows.byPath(), name));
        }
    }

    KnownRows rows() {
        return rows;
    }

    NDList forward(ForwardPass pass) {
        return forwardIfLoaded(pass)
                .orElseThrow(
                        () ->
                                new EngramException(
                                        "Task \"%s\" was unloaded: take a new handle"
                                                .formatted(name)));
    }

    /** Runs a pass, or nothing if the task was unloaded before it began. */
    Optional<NDList> forwardIfLoaded(ForwardPass pass) {
        if (passes.incrementAndGet() <= 0) {
            leave();
            return Optional.empty();
        }
        try {
            return Optional.of(isolation.forward(parameters, rows.seen(pass)));
        } finally {
            leave();
        }
    }

    /** Lets no more passes begin; frees the arrays now, or when the last pass ends. */
    void unload() {
        int running = passes.getAndUpdate(now -> now < 0 ? now : now + UNLOADED);
        if (running == 0) {
            free();
        }
    }

    private void leave() {
        if (passes.decrementAndGet() == UNLOADED) {
            free();
        }
    }

    /** Also a pass that was refused may be the last to leave: only the first caller frees. */
    private void free() {
        if (isFree.getAndSet(true)) {
            return;
        }
        isolation.close(parameters);
        for (Pair<String, Parameter> own : parameters.parameters()) {
            if (own.getValue().isInitialized()) {
                try (NDArray freed = own.getValue().getArray()) {
                    freed.setRequiresGradient(false);
                }
            }
        }
    }
}
