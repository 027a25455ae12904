package dev.engram.finetune;

import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.command.BadInputException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The input of a model that takes images.
 *
 * @param name its name in the file
 * @param sample the shape of one image
 * @param fixed how many images the file takes at once, if it fixes that; 0 if not
 */
record Input(String name, Shape sample, int fixed) {

    /** Finds the input, and refuses a model that cannot learn the tasks. */
    static Input of(OnnxBlock block, TaskSequence tasks) {
        Path file = block.file();
        if (block.inputs().size() != 1) {
            throw new BadInputException(
                    "%s takes %s: this sample trains models of one input, an image"
                            .formatted(file, block.inputs()));
        }
        GraphValue value = block.inputs().get(0);
        long[] dims = value.dims().orElseGet(() -> new long[] {-1, tasks.features()});
        Shape sample = new Shape(dims.length < 2 ? dims : Arrays.copyOfRange(dims, 1, dims.length));
        if (dims.length < 2 || sample.size() != tasks.features()) {
            throw new BadInputException(
                    "%s takes %s, but the images have %d pixels: export it for batches of such images"
                            .formatted(file, value, tasks.features()));
        }
        requireOutputs(block, sample, tasks);
        return new Input(value.name(), sample, (int) Math.max(0, dims[0]));
    }

    private static void requireOutputs(OnnxBlock block, Shape sample, TaskSequence tasks) {
        Shape scores = block.getOutputShapes(new Shape[] {new Shape(2).addAll(sample)})[0];
        if (scores.dimension() != 2 || scores.get(1) < tasks.outputs()) {
            throw new BadInputException(
                    "%s gives %s for two images: it must give a score for each of %d classes"
                            .formatted(block.file(), scores, tasks.outputs()));
        }
    }

    /** Returns the shape of a batch. */
    Shape batch(long images) {
        return new Shape(images).addAll(sample);
    }
}
