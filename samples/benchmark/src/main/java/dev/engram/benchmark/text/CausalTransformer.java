package dev.engram.benchmark.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * Token numbers in, (batch, length); what layers of causal attention make of them out, (batch,
 * length, width). DJL 0.36 has no such block.
 */
final class CausalTransformer extends AbstractBlock {

    private static final byte VERSION = 1;
    private static final int HEADS = 4;
    private static final float DEVIATION = 0.05f;
    private static final double UNSEEN = -1e9;

    private final int vocabulary;
    private final int length;
    private final int width;
    private final Parameter tokens;
    private final Parameter places;
    private final List<CausalLayer> layers = new ArrayList<>();
    private final Block last;

    @SuppressWarnings("this-escape")
    CausalTransformer(int vocabulary, int length, int width, int layers) {
        super(VERSION);
        this.vocabulary = vocabulary;
        this.length = length;
        this.width = width;
        tokens = addParameter(table("tokens"));
        places = addParameter(table("places"));
        for (int i = 0; i < layers; i++) {
            this.layers.add(addChildBlock("layer" + i, new CausalLayer(width, HEADS)));
        }
        last = addChildBlock("last", CausalLayer.norm());
    }

    /** Returns a language model: it answers each token with scores for the next one. */
    static Block languageModel(int vocabulary, int length, int width, int layers) {
        return new SequentialBlock()
                .add(new CausalTransformer(vocabulary, length, width, layers))
                .add(Linear.builder().setUnits(vocabulary).build());
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
        return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), width)};
    }

    @Override
    protected void prepare(Shape[] inputs) {
        tokens.setShape(new Shape(vocabulary, width));
        places.setShape(new Shape(length, width));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        Shape hidden = new Shape(inputs[0].get(0), inputs[0].get(1), width);
        layers.forEach(layer -> layer.initialize(manager, type, hidden));
        last.initialize(manager, type, hidden);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> parameters) {
        NDArray ids = inputs.head();
        int seen = Math.toIntExact(ids.getShape().get(1));
        NDArray table = store.getValue(tokens, ids.getDevice(), training);
        NDArray where = store.getValue(places, ids.getDevice(), training);
        NDArray numbers = ids.getManager().arange(seen).toType(DataType.INT64, false);
        NDArray hidden = embedded(ids, table).add(embedded(numbers, where));
        NDArray unseen = unseen(ids.getManager(), seen);
        for (CausalLayer layer : layers) {
            hidden = layer.forward(store, new NDList(hidden, unseen), training).head();
        }
        return last.forward(store, new NDList(hidden), training);
    }

    private static NDArray embedded(NDArray ids, NDArray table) {
        return Embedding.embedding(ids, table, SparseFormat.DENSE).head();
    }

    private static NDArray unseen(NDManager manager, int seen) {
        NDArray places = manager.arange(seen);
        NDArray later = places.reshape(1, seen).gt(places.reshape(seen, 1));
        return later.toType(DataType.FLOAT32, false).mul(UNSEEN);
    }
}
