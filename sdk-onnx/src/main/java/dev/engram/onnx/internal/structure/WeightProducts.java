package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.util.Optional;
import java.util.Set;

/** The products of a graph by matrices of the file. */
public final class WeightProducts {

    private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm");

    private static final int DEPTH = 8;

    private final DataFlow flow;

    public WeightProducts(DataFlow flow) {
        this.flow = flow;
    }

    /**
     * A product.
     *
     * @param weight the matrix in the file
     * @param width how many values a row of the product has
     */
    public record Product(Node node, String weight, long width) {}

    /** Returns the product that a node computes, if one of its factors is a matrix of the file. */
    public Optional<Product> of(Node node) {
        if (!PRODUCTS.contains(node.type()) || node.inputs().size() < 2) {
            return Optional.empty();
        }
        return factor(node, 1, node.inputs().get(1), isTurned(node, "transB"), 0)
                .or(() -> factor(node, 0, node.inputs().get(0), isTurned(node, "transA"), 0));
    }

    private static boolean isTurned(Node node, String attribute) {
        return node.attributes().integer(attribute, 0) != 0;
    }

    private Optional<Product> factor(
            Node node, int input, String value, boolean isTurned, int depth) {
        String source = flow.source(value);
        Optional<Node> turn = flow.maker(source).filter(made -> made.type().equals("Transpose"));
        if (turn.isPresent() && depth < DEPTH) {
            return factor(node, input, turn.get().inputs().get(0), !isTurned, depth + 1);
        }
        return Optional.ofNullable(flow.graph().initializers().get(source))
                .filter(tensor -> tensor.type().isFloating() && tensor.dims().length == 2)
                .map(tensor -> new Product(node, source, width(tensor, input == 1, isTurned)));
    }

    private static long width(Tensor matrix, boolean isRight, boolean isTurned) {
        return matrix.dims()[isRight == isTurned ? 0 : 1];
    }
}
