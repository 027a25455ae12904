package dev.engram.assistant.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * Hashed words in, (sentences, words, {@link HashedWords#HASHES}); the mean of what two transformer
 * blocks make of them out, (sentences, width).
 *
 * <p>DJL's {@code TransformerEncoderBlock} normalises by the batch. Statistics of the batch are
 * those of one domain, so outside of pretraining they stay as the base has them: otherwise every
 * new domain would shift what earlier ones see, whatever protects the weights.
 */
final class SentenceEncoder extends AbstractBlock {

    private static final byte VERSION = 1;
    private static final int HEADS = 4;
    private static final int BLOCKS = 2;
    private static final float DROPOUT = 0.1f;
    private static final float HIDDEN_SHARE = 0.2f;
    private static final float DEVIATION = 0.05f;
    private static final float OUT = -1e9f;

    private final int rows;
    private final int width;
    private final boolean pretrains;
    private final Parameter words;
    private final Parameter positions;
    private final List<TransformerEncoderBlock> blocks = new ArrayList<>();

    /**
     * Creates an encoder without values.
     *
     * @param rows of the table of hashed words
     * @param width numbers that stand for a word
     * @param pretrains whether training learns the statistics of normalisation, too
     */
    @SuppressWarnings("this-escape")
    SentenceEncoder(int rows, int width, boolean pretrains) {
        super(VERSION);
        this.rows = rows;
        this.width = width;
        this.pretrains = pretrains;
        words = addParameter(table("words"));
        positions = addParameter(table("positions"));
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(
                    addChildBlock(
                            "block" + i,
                            new TransformerEncoderBlock(
                                    width, HEADS, 2 * width, DROPOUT, Activation::gelu)));
        }
    }

    private static Parameter table(String name) {
        return Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.WEIGHT)
                .optInitializer(new NormalInitializer(DEVIATION))
                .build();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), width)};
    }

    @Override
    protected void prepare(Shape[] inputs) {
        words.setShape(new Shape(rows, width));
        positions.setShape(new Shape(HashedWords.LENGTH, width));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        Shape hidden = new Shape(inputs[0].get(0), inputs[0].get(1), width);
        blocks.forEach(block -> block.initialize(manager, type, hidden));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> parameters) {
        return encode(store, inputs, training, blocks);
    }

    /** Computes the outputs with these in the place of its own transformer blocks. */
    NDList encode(
            ParameterStore store, NDList inputs, boolean training, List<? extends Block> through) {
        NDArray ids = cut(inputs.head());
        NDArray present = present(ids);
        if (training) {
            ids = hide(ids);
        }
        return new NDList(mean(hidden(store, ids, present, training, through), present));
    }

    /** Returns one vector a word; those of padding mean nothing. */
    NDArray hidden(ParameterStore store, NDArray ids, NDArray present, boolean training) {
        return hidden(store, ids, present, training, blocks);
    }

    private NDArray hidden(
            ParameterStore store,
            NDArray ids,
            NDArray present,
            boolean training,
            List<? extends Block> through) {
        NDArray table = store.getValue(words, ids.getDevice(), training);
        NDArray places = store.getValue(positions, ids.getDevice(), training);
        NDArray word =
                Embedding.embedding(ids, table, SparseFormat.DENSE).head().sum(new int[] {2});
        NDArray numbers = ids.getManager().arange((int) ids.getShape().get(1));
        NDArray place =
                Embedding.embedding(
                                numbers.toType(DataType.INT64, false), places, SparseFormat.DENSE)
                        .head();
        NDArray hidden = word.add(place);
        // Four dimensions: DJL takes it for what is added to the scores of all heads.
        NDArray unseen = present.sub(1).mul(-OUT).reshape(present.getShape().get(0), 1, 1, -1);
        for (Block block : through) {
            hidden = block.forward(store, new NDList(hidden, unseen), pretrains && training).head();
        }
        return hidden;
    }

    /** Returns the mean over the words of each sentence. */
    static NDArray mean(NDArray hidden, NDArray present) {
        NDArray weights = present.expandDims(2);
        NDArray count = NDArrays.maximum(present.sum(new int[] {1}, true), 1f);
        return hidden.mul(weights).sum(new int[] {1}).div(count);
    }

    /** Hides some of the words, so that no intent hangs on a single one. */
    private static NDArray hide(NDArray ids) {
        Shape words = new Shape(ids.getShape().get(0), ids.getShape().get(1), 1);
        NDArray kept = ids.getManager().randomUniform(0, 1, words).gte(HIDDEN_SHARE);
        NDArray keeps = kept.toType(DataType.INT64, false);
        NDArray hidden = keeps.mul(-1).add(1).mul(HashedWords.HIDDEN);
        return ids.mul(keeps).add(hidden);
    }

    /** Returns 1 where a word is, 0 where padding is. */
    static NDArray present(NDArray ids) {
        return ids.get(":,:,0").neq(HashedWords.PADDING).toType(DataType.FLOAT32, false);
    }

    /** Returns the ids up to the end of the longest sentence: most are far shorter than allowed. */
    static NDArray cut(NDArray ids) {
        float longest = present(ids).sum(new int[] {1}).max().getFloat();
        return ids.get(":,:" + Math.max(1, (int) longest));
    }
}
