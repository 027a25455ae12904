package dev.engram.onnx;

import ai.djl.ndarray.NDList;

/** One way to run a graph. */
@FunctionalInterface
interface GraphPass {

    NDList run(NDList inputs, boolean training);
}
