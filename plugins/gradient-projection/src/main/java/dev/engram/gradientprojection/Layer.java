package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one linear map as a matrix with a row for each output: first the bias, as the
 * weight of an input that is always 1, then the inputs; of a convolution those of a patch.
 *
 * @param weight its path name
 * @param bias that of the bias, if it has one
 * @param isOutputFirst whether the weight's first axis is that of the outputs
 */
record Layer(String weight, @Nullable String bias, boolean isOutputFirst) {

    /** Returns how wide the matrix is for a weight of this shape. */
    long width(Shape shape) {
        long outputs = isOutputFirst ? shape.get(0) : shape.get(shape.dimension() - 1);
        return shape.size() / outputs + (bias == null ? 0 : 1);
    }

    /**
     * Returns the matrix of what weight and bias are, such as values or gradients.
     *
     * @param values by path name; of a bias that is not there, zeros
     */
    NDArray matrix(Map<String, NDArray> values, NDManager owner) {
        NDArray given = values.get(weight);
        if (given == null) {
            throw new IllegalArgumentException(weight);
        }
        NDArray rows = rows(given);
        rows.attach(owner);
        if (bias == null) {
            return rows;
        }
        NDArray own = values.get(bias);
        return beside(
                own == null ? owner.zeros(new Shape(rows.getShape().get(0))) : own, rows, owner);
    }

    /** Returns the matrix of what the bias alone is, with zeros for the weight. */
    NDArray matrixOfBias(NDArray own, long width, NDManager owner) {
        return beside(own, owner.zeros(new Shape(own.size(), width - 1)), owner);
    }

    private static NDArray beside(NDArray own, NDArray rows, NDManager owner) {
        NDArray column = own.reshape(own.size(), 1);
        column.attach(owner);
        NDArray matrix = NDArrays.concat(new NDList(column, rows), 1);
        matrix.attach(owner);
        return matrix;
    }

    private NDArray rows(NDArray given) {
        if (isOutputFirst) {
            return given.reshape(given.getShape().get(0), -1);
        }
        try (NDArray flat =
                given.reshape(-1, given.getShape().get(given.getShape().dimension() - 1))) {
            return flat.transpose();
        }
    }

    /** Subtracts a matrix from the values of weight and bias, in place; leaves out what is null. */
    void subtract(NDArray matrix, @Nullable NDArray weights, @Nullable NDArray biases) {
        NDManager work = matrix.getManager();
        if (weights != null) {
            NDArray inputs = bias == null ? matrix : matrix.get(new NDIndex(":, 1:"));
            inputs.attach(work);
            NDArray turned = isOutputFirst ? inputs : inputs.transpose();
            turned.attach(work);
            NDArray shaped = turned.reshape(weights.getShape());
            shaped.attach(work);
            weights.subi(shaped);
        }
        if (bias != null && biases != null) {
            NDArray column = matrix.get(new NDIndex(":, 0:1"));
            column.attach(work);
            NDArray shaped = column.reshape(biases.getShape());
            shaped.attach(work);
            biases.subi(shaped);
        }
    }

    /** Returns rows of inputs with the input of the bias before them. */
    NDArray withConstant(NDArray inputs, NDManager owner) {
        if (bias == null) {
            return inputs;
        }
        NDArray ones = owner.ones(new Shape(inputs.getShape().get(0), 1), inputs.getDataType());
        NDArray rows = NDArrays.concat(new NDList(ones, inputs), 1);
        rows.attach(owner);
        return rows;
    }
}
