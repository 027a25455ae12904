package dev.engram.onnx.internal.training;

import ai.djl.ndarray.NDList;

/** One way to run a graph. */
@FunctionalInterface
public interface GraphPass {

    NDList run(NDList inputs, boolean training);
}
