package dev.engram.benchmark.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The running means and variances of a task, which no penalty holds: see docs/batch-norm.md. */
record KeptStatistics(Map<Parameter, NDArray> values) {

    static KeptStatistics of(Block block, NDManager manager) {
        Map<Parameter, NDArray> kept = new LinkedHashMap<>();
        for (Parameter parameter : block.getParameters().values()) {
            Parameter.Type type = parameter.getType();
            if (type == Parameter.Type.RUNNING_MEAN || type == Parameter.Type.RUNNING_VAR) {
                NDArray copy = parameter.getArray().duplicate();
                copy.attach(manager);
                kept.put(parameter, copy);
            }
        }
        return new KeptStatistics(kept);
    }

    void putBack() {
        values.forEach((to, value) -> to.getArray().set(new NDIndex("..."), value));
    }
}
