package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;

/**
 * The part of a base's parameter that was there when a task was learnt: a head that has got more
 * classes since has the same rows in front.
 *
 * @param count how many rows
 */
record FirstRows(long count) implements ParameterOverlay {

    @Override
    public PairList<String, Parameter> parameters() {
        return new PairList<>();
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        return values.in(base).get(new NDIndex("0:" + count));
    }
}
