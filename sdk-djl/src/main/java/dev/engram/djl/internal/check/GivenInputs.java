package dev.engram.djl.internal.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RecurrentBlock;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.util.Pair;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows batches as the data set gave them.
 *
 * <p>DJL's recurrent blocks add the state that they begin with, zeros, to the list of inputs that
 * they are called with; where the model begins with one, that is the batch's own. Whoever keeps
 * such a batch would keep the states as if they were inputs.
 */
public final class GivenInputs {

    private static final int BATCHES_READ = 2;

    private final List<State> states = new ArrayList<>();
    private int read;

    /** A loop that carries its states on: they are not the block's, also where it begins anew. */
    private boolean areInputs;

    /** Looks for recurrent blocks in a model. */
    public GivenInputs(Block block) {
        collect(block);
    }

    /** Returns the batch without the begin states of a recurrent block, the same if it has none. */
    public BatchData of(BatchData heard) {
        Batch batch = heard.getBatch();
        if (batch == null || states.stream().noneMatch(state -> state.isAddedTo(batch.getData()))) {
            return heard;
        }
        NDList all = batch.getData();
        if (read < BATCHES_READ) {
            read++;
            areInputs |= !isZero(all);
        }
        if (areInputs) {
            return heard;
        }
        return new BatchData(
                new Batch(
                        batch.getManager(),
                        new NDList(all.head()),
                        batch.getLabels(),
                        batch.getSize(),
                        null,
                        null,
                        batch.getProgress(),
                        batch.getProgressTotal(),
                        batch.getIndices()),
                heard.getLabels(),
                heard.getPredictions());
    }

    /** Waits for the device, at a task's first batches only. */
    private static boolean isZero(NDList all) {
        for (NDArray state : all.subNDList(1)) {
            try (NDArray size = state.abs();
                    NDArray largest = size.max();
                    NDArray wide = largest.toType(DataType.FLOAT64, false)) {
                if (wide.getDouble() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private void collect(Block block) {
        if (block instanceof IsolatedBlock isolated) {
            collect(isolated.base());
            return;
        }
        if (block instanceof RecurrentBlock) {
            states.add(State.of(block));
        }
        block.getChildren().values().forEach(this::collect);
    }

    /**
     * The states of a recurrent block.
     *
     * @param count how many it adds
     * @param layers its stacked layers, times its directions
     * @param width how many numbers the state of one layer and sample has
     */
    private record State(int count, long layers, long width) {

        static State of(Block block) {
            long layers = 0;
            long width = 0;
            for (Pair<String, Parameter> entry : block.getDirectParameters()) {
                Parameter parameter = entry.getValue();
                if (parameter.getType() == Parameter.Type.WEIGHT
                        && entry.getKey().contains("h2h")) {
                    layers++;
                    width = parameter.getShape().get(1);
                }
            }
            return new State(block instanceof LSTM ? 2 : 1, layers, width);
        }

        boolean isAddedTo(NDList data) {
            if (data.size() != 1 + count) {
                return false;
            }
            Shape state = new Shape(layers, data.head().getShape().get(0), width);
            return data.subNDList(1).stream().allMatch(array -> array.getShape().equals(state));
        }
    }
}
