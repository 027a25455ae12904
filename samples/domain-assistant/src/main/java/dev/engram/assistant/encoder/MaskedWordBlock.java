package dev.engram.assistant.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Guesses a hidden word from its place and from the mean of its sentence, so that the mean, which
 * is what intents are told by, learns, too.
 */
final class MaskedWordBlock extends AbstractBlock {

    private static final byte VERSION = 1;

    private final int rows;
    private final int width;
    private final SentenceEncoder encoder;
    private final Linear head;

    @SuppressWarnings("this-escape")
    MaskedWordBlock(Architecture architecture, SentenceEncoder encoder) {
        super(VERSION);
        this.rows = architecture.rows();
        this.width = architecture.width();
        this.encoder = addChildBlock("encoder", encoder);
        this.head = addChildBlock("head", Linear.builder().setUnits(rows).build());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), rows)};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        encoder.initialize(manager, type, inputs[0]);
        head.initialize(manager, type, new Shape(inputs[0].get(0), width));
    }

    /** Takes the ids, and 1 at the place of the hidden word of each sentence. */
    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> parameters) {
        NDArray ids = SentenceEncoder.cut(inputs.get(0));
        NDArray present = SentenceEncoder.present(ids);
        NDArray hidden = encoder.hidden(store, ids, present, training);
        NDArray place = inputs.get(1).get(":,:" + ids.getShape().get(1)).expandDims(2);
        NDArray there = hidden.mul(place).sum(new int[] {1});
        NDArray mean = SentenceEncoder.mean(hidden, present);
        return head.forward(store, new NDList(there.add(mean)), training);
    }
}
