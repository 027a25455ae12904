package dev.engram.onnx.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Experimental;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A matrix of floats, row by row. Immutable. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class FloatMatrix {

    private final int rows;
    private final int columns;
    private final float[] values;

    private FloatMatrix(int rows, int columns, float[] values) {
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    /**
     * Returns the matrix of values, which are copied.
     *
     * @param values row by row
     * @throws IllegalArgumentException if there are not {@code rows · columns} of them
     */
    public static FloatMatrix of(int rows, int columns, float... values) {
        if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
            throw new IllegalArgumentException(
                    "%s values are no %s x %s matrix".formatted(values.length, rows, columns));
        }
        return new FloatMatrix(rows, columns, values.clone());
    }

    /** Returns a copy of a two-dimensional float array on the host; waits for the device. */
    public static FloatMatrix of(NDArray array) {
        Shape shape = array.getShape();
        if (shape.dimension() != 2 || array.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "A matrix of float32 is needed; seen: %s %s"
                            .formatted(shape, array.getDataType()));
        }
        return new FloatMatrix(
                Math.toIntExact(shape.get(0)), Math.toIntExact(shape.get(1)), array.toFloatArray());
    }

    /** Returns the number of rows. */
    public int rows() {
        return rows;
    }

    /** Returns the number of columns. */
    public int columns() {
        return columns;
    }

    /** Returns one value. */
    public float at(int row, int column) {
        return values[row * columns + column];
    }

    /** Returns a read-only view of the values, row by row. */
    public FloatBuffer values() {
        return FloatBuffer.wrap(values).asReadOnlyBuffer();
    }

    /** Returns the matrix with rows and columns swapped. */
    public FloatMatrix transposed() {
        float[] swapped = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                swapped[column * rows + row] = at(row, column);
            }
        }
        return new FloatMatrix(columns, rows, swapped);
    }

    /** Returns the matrix with every value multiplied. */
    public FloatMatrix times(double factor) {
        float[] product = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            product[i] = (float) (values[i] * factor);
        }
        return new FloatMatrix(rows, columns, product);
    }

    /** Returns whether no value is infinite or NaN. */
    public boolean isFinite() {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FloatMatrix matrix
                && rows == matrix.rows
                && columns == matrix.columns
                && Arrays.equals(values, matrix.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * rows + columns) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "matrix of %s x %s".formatted(rows, columns);
    }
}
