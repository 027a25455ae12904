package dev.engram.benchmark.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.autograd.Scaled;

/**
 * A transformer layer in which a place sees itself and those before it, normalised first; (batch,
 * length, width) in and out, with (length, length) beside it that is added to the scores.
 */
final class CausalLayer extends AbstractBlock {

    private static final byte VERSION = 1;
    private static final int WIDER = 4;

    private final int width;
    private final int heads;
    private final Block seen;
    private final Block asked;
    private final Block joined;
    private final Block thought;
    private final Block widened;
    private final Block narrowed;

    @SuppressWarnings("this-escape")
    CausalLayer(int width, int heads) {
        super(VERSION);
        this.width = width;
        this.heads = heads;
        seen = addChildBlock("seen", norm());
        asked = addChildBlock("asked", linear(3 * width));
        joined = addChildBlock("joined", linear(width));
        thought = addChildBlock("thought", norm());
        widened = addChildBlock("widened", linear(WIDER * width));
        narrowed = addChildBlock("narrowed", linear(width));
    }

    static Block norm() {
        return LayerNorm.builder().axis(2).build();
    }

    private static Block linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {inputs[0]};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        Shape hidden = inputs[0];
        for (Block block : new Block[] {seen, asked, joined, thought, widened}) {
            block.initialize(manager, type, hidden);
        }
        narrowed.initialize(manager, type, hidden.slice(0, 2).add((long) WIDER * width));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> parameters) {
        NDArray hidden = inputs.get(0);
        NDArray normal = seen.forward(store, new NDList(hidden), training).head();
        NDArray mixed = attend(store, normal, inputs.get(1), training);
        NDArray after = hidden.add(joined.forward(store, new NDList(mixed), training).head());
        NDList inner = thought.forward(store, new NDList(after), training);
        NDArray wide = Activation.gelu(widened.forward(store, inner, training).head());
        return new NDList(after.add(narrowed.forward(store, new NDList(wide), training).head()));
    }

    private NDArray attend(ParameterStore store, NDArray hidden, NDArray unseen, boolean training) {
        Shape shape = hidden.getShape();
        NDList parts = asked.forward(store, new NDList(hidden), training).head().split(3, 2);
        NDArray query = byHead(parts.get(0), shape);
        NDArray key = byHead(parts.get(1), shape);
        NDArray value = byHead(parts.get(2), shape);
        double scale = 1 / Math.sqrt((double) width / heads);
        NDArray scores = Scaled.by(scale, query.matMul(key.swapAxes(2, 3))).add(unseen);
        return scores.softmax(-1).matMul(value).transpose(0, 2, 1, 3).reshape(shape);
    }

    private NDArray byHead(NDArray array, Shape shape) {
        return array.reshape(shape.get(0), shape.get(1), heads, width / heads)
                .transpose(0, 2, 1, 3);
    }
}
