package dev.engram.onnx.internal.operator.arithmetic;

import ai.djl.ndarray.NDArray;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Optional;

/** Operators that change the element type. */
public final class TypeCasts {

    private TypeCasts() {}

    public static void register(OperatorTable table) {
        table.single("Cast", 6, TypeCasts::cast).refuses(TypeCasts::impossible);
        table.single("CastLike", 15, TypeCasts::castLike);
    }

    private static NDArray cast(Call call) {
        return Casts.to(call.array(0), call.heldType(code(call.node())));
    }

    private static NDArray castLike(Call call) {
        return Casts.to(call.array(0), call.array(1).getDataType());
    }

    private static Optional<String> impossible(Node node) {
        long code = code(node);
        boolean isHeld = ElementType.of((int) code).flatMap(ElementType::held).isPresent();
        return isHeld ? Optional.empty() : Optional.of(node + " to the element type " + code);
    }

    private static long code(Node node) {
        return node.attributes().integer("to", 0);
    }
}
