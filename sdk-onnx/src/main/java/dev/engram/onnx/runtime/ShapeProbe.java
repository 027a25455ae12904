package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the shapes of outputs by a run on zeros. */
final class ShapeProbe {

    private ShapeProbe() {}

    static Shape[] outputs(
            OrtSession session, List<NodeInfo> inputs, List<NodeInfo> outputs, Shape[] shapes)
            throws OrtException {
        requireOneEach(inputs, shapes);
        Map<String, OnnxTensor> zeros = new LinkedHashMap<>();
        try {
            for (int i = 0; i < shapes.length; i++) {
                zeros.put(inputs.get(i).getName(), TrialInputs.zeros(inputs.get(i), shapes[i]));
            }
            try (OrtSession.Result result = session.run(zeros)) {
                return outputs.stream().map(node -> shape(result, node)).toArray(Shape[]::new);
            }
        } finally {
            zeros.values().forEach(OnnxTensor::close);
        }
    }

    private static void requireOneEach(List<NodeInfo> inputs, Shape[] shapes) {
        if (shapes.length != inputs.size()) {
            throw new EngramException(
                    "The model takes %d arrays; shapes seen: %s"
                            .formatted(inputs.size(), Arrays.toString(shapes)));
        }
    }

    static Shape shape(OrtSession.Result result, NodeInfo node) {
        return result.get(node.getName())
                .map(value -> new Shape(((OnnxTensor) value).getInfo().getShape()))
                .orElseThrow();
    }
}
