package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.OnnxException;

/** Changes of element type that let the gradient through. */
final class Casts {

    private Casts() {}

    static NDArray cast(Call call) {
        return to(call.array(0), type(call.attributes().integer("to", 0), call));
    }

    static NDArray castLike(Call call) {
        return to(call.array(0), call.array(1).getDataType());
    }

    static boolean isPossible(Node node) {
        long code = node.attributes().integer("to", 0);
        return ElementType.of((int) code).flatMap(ElementType::held).isPresent();
    }

    /** The type that DJL holds for an ONNX number; refused where it would end the JVM. */
    static DataType type(long code, Call call) {
        return ElementType.of((int) code)
                .flatMap(ElementType::held)
                .orElseThrow(
                        () ->
                                new OnnxException(
                                        call.node()
                                                + " casts to the element type "
                                                + code
                                                + ", which DJL's PyTorch engine cannot hold"));
    }

    /**
     * {@code toType} between floating types detaches; a cumulative product over one element is the
     * same element, in the new type, with its gradient.
     */
    static NDArray to(NDArray array, DataType type) {
        if (array.getDataType() == type) {
            return array;
        }
        if (array.getDataType().isFloating() && type.isFloating()) {
            int rank = array.getShape().dimension();
            return array.expandDims(rank).cumProd(rank, type).squeeze(rank);
        }
        return array.toType(type, false);
    }
}
