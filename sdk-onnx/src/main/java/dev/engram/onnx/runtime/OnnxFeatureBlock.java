package dev.engram.onnx.runtime;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A frozen model as a block: it has no parameters, and a saved model holds nothing of it. */
final class OnnxFeatureBlock extends AbstractBlock {

    private static final byte VERSION = 1;

    private final OnnxFeatureExtractor extractor;

    OnnxFeatureBlock(OnnxFeatureExtractor extractor) {
        super(VERSION);
        this.extractor = extractor;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> parameters) {
        return extractor.extract(inputs);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return extractor.outputShapes(inputShapes);
    }
}
