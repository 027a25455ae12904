package dev.engram.onnx.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Tensors;
import java.nio.file.Path;
import java.util.List;

/** Whether what a block is given is what its file takes. */
public final class InputCheck {

    private final Path file;
    private final List<GraphValue> inputs;

    public InputCheck(Path file, List<GraphValue> inputs) {
        this.file = file;
        this.inputs = inputs;
    }

    public static DataType type(GraphValue input) {
        return input.type().flatMap(ElementType::held).orElse(DataType.FLOAT32);
    }

    /** Returns the shape that the file states, with -1 for what it leaves open. */
    public static Shape shape(GraphValue input) {
        return input.dims().map(Shape::new).orElseGet(Shape::new);
    }

    public static PairList<String, Shape> described(List<GraphValue> inputs) {
        PairList<String, Shape> described = new PairList<>();
        inputs.forEach(input -> described.add(input.name(), shape(input)));
        return described;
    }

    /** Refuses another number of arrays than the file has inputs. */
    public void requireCount(NDList given) {
        if (given.size() != inputs.size()) {
            throw new OnnxException(
                    file
                            + " takes "
                            + inputs
                            + " in this order, and got "
                            + List.of(given.getShapes()));
        }
    }

    /** Returns zeros of such shapes. */
    public NDList zeros(Shape[] shapes, NDManager manager) {
        if (shapes.length != inputs.size()) {
            throw new OnnxException(
                    file + " takes " + inputs + ", not " + shapes.length + " inputs");
        }
        NDList zeros = new NDList();
        for (int i = 0; i < shapes.length; i++) {
            zeros.add(manager.zeros(shapes[i], type(inputs.get(i))));
        }
        return zeros;
    }

    /**
     * Widens or narrows integers as the file wants them, and widens float16 to float32, in which
     * the graph computes; refuses everything else that differs.
     */
    public NDList fit(NDList given) {
        requireCount(given);
        NDList fitting = new NDList(given.size());
        for (int i = 0; i < given.size(); i++) {
            requireShape(inputs.get(i), given.get(i).getShape());
            fitting.add(typed(inputs.get(i), given.get(i)));
        }
        return fitting;
    }

    private NDArray typed(GraphValue input, NDArray array) {
        DataType wanted = type(input);
        DataType seen = array.getDataType();
        if (wanted == seen) {
            return array;
        }
        if (wanted.isInteger() && seen.isInteger()) {
            return array.toType(wanted, false);
        }
        if (wanted == DataType.FLOAT32 && seen == DataType.FLOAT16) {
            return Tensors.widened(array);
        }
        throw new OnnxException(
                "%s takes %s as %s, and got %s; convert it in the dataset or the translator"
                        .formatted(file, input, wanted, seen));
    }

    private void requireShape(GraphValue input, Shape shape) {
        long[] dims = input.dims().orElseGet(shape::getShape);
        boolean fits = dims.length == shape.dimension();
        for (int i = 0; fits && i < dims.length; i++) {
            fits = dims[i] < 0 || dims[i] == shape.get(i);
        }
        if (!fits) {
            throw new OnnxException(
                    "%s takes %s, and got %s; where a size was fixed when the model was exported, export it with dynamic axes (dynamic_shapes, dynamic_axes)"
                            .formatted(file, input, shape));
        }
    }
}
