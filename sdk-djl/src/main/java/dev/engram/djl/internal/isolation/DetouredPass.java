package dev.engram.djl.internal.isolation;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.api.isolation.ForwardPass;

/**
 * A pass as another one, in which blocks run another way.
 *
 * @param pass that one
 * @param way how a block runs
 */
public record DetouredPass(ForwardPass pass, Way way) implements ForwardPass {

    /** How a block runs. */
    @FunctionalInterface
    public interface Way {

        /** Runs a block; see {@link ForwardPass#through}. */
        NDList through(Block block, ParameterStore store, NDList inputs);
    }

    @Override
    public ParameterStore store() {
        return pass.store();
    }

    @Override
    public NDList inputs() {
        return pass.inputs();
    }

    @Override
    public boolean training() {
        return pass.training();
    }

    @Override
    public NDList through(Block block, ParameterStore asked, NDList data) {
        return way.through(block, asked, data);
    }
}
