package dev.engram.djl.internal.parameters;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/** Finds the store that knows where a model's live arrays are. */
public final class StoreAccess {

    private StoreAccess() {}

    /**
     * Returns a store whose arrays on a device are the ones that training reads and updates.
     *
     * <p>As long as the model's own arrays are on the training device they are the live ones and a
     * plain store finds them. Otherwise the trainer's mirrors are, and only its own store knows
     * them.
     */
    public static ParameterStore of(Trainer trainer) {
        Device device = trainer.getDevices()[0];
        boolean own =
                trainer.getModel().getBlock().getParameters().values().stream()
                        .filter(Parameter::isInitialized)
                        .allMatch(p -> p.getArray().getDevice().equals(device));
        return own ? plain(trainer.getManager(), device) : ofTrainer(trainer);
    }

    /** Returns a store that answers with the parameters' own arrays. */
    public static ParameterStore plain(NDManager manager, Device device) {
        NDManager there =
                manager.getDevice().equals(device) ? manager : manager.newSubManager(device);
        return new ParameterStore(there, false);
    }

    /** A trainer hands its store to whatever block its model has: for one call, ours. */
    public static ParameterStore ofTrainer(Trainer trainer) {
        Model model = trainer.getModel();
        Block block = model.getBlock();
        Probe probe = new Probe();
        model.setBlock(probe);
        try {
            trainer.evaluate(new NDList());
        } finally {
            model.setBlock(block);
        }
        if (probe.seen == null) {
            throw new IllegalStateException("The trainer ran no forward pass on the model's block");
        }
        return probe.seen;
    }

    private static final class Probe extends AbstractBlock {

        private @Nullable ParameterStore seen;

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            seen = store;
            return inputs;
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }
    }
}
