package dev.engram.analytic.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import dev.engram.kit.autograd.EngineMemory;

/** Gives the parameters of linear layers their values. */
public final class Layers {

    private Layers() {}

    /** Sets a parameter that has no values yet, as float32. */
    public static void set(Block layer, String parameter, NDArray values, NDManager owner) {
        Parameter target = layer.getDirectParameters().get(parameter);
        try (NDArray narrow = values.toType(DataType.FLOAT32, true)) {
            NDArray kept = EngineMemory.copy(narrow, owner);
            target.setArray(kept);
        }
    }
}
