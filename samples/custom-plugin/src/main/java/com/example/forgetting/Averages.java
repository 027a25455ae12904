package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import java.util.LinkedHashMap;
import java.util.Map;

/** An average for each parameter, in a manager of their own. */
final class Averages {

    final Map<String, NDArray> byName = new LinkedHashMap<>();
    private NDManager manager;

    /** Copies others, in the place of these. */
    void take(Map<String, NDArray> others, NDManager parent) {
        close();
        manager = parent.newSubManager();
        manager.setName("acme-ema");
        others.forEach((name, value) -> put(name, value.duplicate()));
    }

    /** Returns that of a parameter: zeros for one that is new, or of another shape than before. */
    NDArray of(LiveParameter parameter) {
        NDArray average = byName.get(parameter.name());
        if (average == null || !average.getShape().equals(parameter.value().getShape())) {
            average = parameter.value().zerosLike();
            put(parameter.name(), average);
        }
        return average;
    }

    void close() {
        byName.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    private void put(String name, NDArray average) {
        average.attach(manager);
        byName.put(name, average);
    }
}
