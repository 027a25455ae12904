package dev.engram.onnx.runtime;

import ai.onnxruntime.OrtException;
import dev.engram.api.EngramException;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.OnnxAdapter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tasks that come, change and go, one change at a time; an adapter that comes is tried before. */
final class TaskChanges {

    private final OwnedSession session;
    private final AdapterSlots slots;
    private final AdapterTrial trial;
    private final ServedTasks tasks;
    private final Object change = new Object();

    TaskChanges(OwnedSession session, AdapterSlots slots, AdapterTrial trial, ServedTasks tasks) {
        this.session = session;
        this.slots = slots;
        this.trial = trial;
        this.tasks = tasks;
    }

    void load(String task, OnnxAdapter adapter) {
        run(
                () -> {
                    if (tasks.has(task)) {
                        throw new EngramException(
                                "The task %s is loaded already: call replace".formatted(task));
                    }
                    tasks.put(tried(Map.of(task, adapter)));
                });
    }

    void replaceAll(Map<String, OnnxAdapter> adapters) {
        run(
                () -> {
                    adapters.keySet().forEach(this::requireKnown);
                    tasks.put(tried(adapters));
                });
    }

    void unload(String task) {
        run(() -> tasks.remove(task));
    }

    private void requireKnown(String task) {
        if (!tasks.has(task)) {
            throw new EngramException(tasks.unknown(task));
        }
    }

    private void run(Change step) {
        try {
            session.use(
                    open -> {
                        synchronized (change) {
                            step.run();
                        }
                        return true;
                    });
        } catch (OrtException e) {
            throw new EngramException("ONNX Runtime refuses the adapter: " + e.getMessage(), e);
        }
    }

    private Map<String, TaskAdapter> tried(Map<String, OnnxAdapter> adapters) throws OrtException {
        Map<String, TaskAdapter> ready = new LinkedHashMap<>();
        boolean allServe = false;
        try {
            for (Map.Entry<String, OnnxAdapter> entry : adapters.entrySet()) {
                ready.put(entry.getKey(), fitting(entry.getValue()));
            }
            for (Map.Entry<String, TaskAdapter> entry : ready.entrySet()) {
                trial.require(entry.getValue(), entry.getKey());
            }
            allServe = true;
            return ready;
        } finally {
            if (!allServe) {
                ready.values().forEach(TaskAdapter::retire);
            }
        }
    }

    private TaskAdapter fitting(OnnxAdapter adapter) throws OrtException {
        slots.require(adapter);
        return TaskAdapter.load(adapter);
    }

    private interface Change {

        void run() throws OrtException;
    }
}
