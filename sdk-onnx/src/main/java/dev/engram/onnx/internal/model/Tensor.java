package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A constant tensor of a file: its type, its shape and its little-endian values. */
public final class Tensor {

    private static final long FEW = 1 << 16;

    private final String name;
    private final ElementType type;
    private final long[] dims;
    private final ByteBuffer values;
    private final boolean isWidened;

    Tensor(String name, ElementType type, long[] dims, ByteBuffer values) {
        this(name, type, dims, values, false);
    }

    private Tensor(
            String name, ElementType type, long[] dims, ByteBuffer values, boolean isWidened) {
        this.name = name;
        this.type = type;
        this.dims = dims.clone();
        this.values = values.slice().asReadOnlyBuffer();
        this.isWidened = isWidened;
    }

    /** Returns its name in the graph; empty for the value of an attribute. */
    public String name() {
        return name;
    }

    Tensor named(String other) {
        return new Tensor(other, type, dims, values, isWidened);
    }

    /** Returns the same tensor; one of float16 is computed with in float32. */
    Tensor widened() {
        return new Tensor(name, type, dims, values, type == ElementType.FLOAT16);
    }

    /** Returns whether its values are computed with in float32 though the file has float16. */
    public boolean isWidened() {
        return isWidened;
    }

    /**
     * Returns what a program still asks for after the values went elsewhere: type and shape, and
     * the elements if they are few whole numbers, such as the places that a Gather picks. It keeps
     * no part of the file's bytes in memory.
     */
    Tensor outline() {
        boolean isFew = type == ElementType.INT64 && size() <= FEW;
        ByteBuffer kept = ByteBuffer.allocate(isFew ? values.remaining() : 0);
        if (isFew) {
            kept.put(values.duplicate());
        }
        return new Tensor(name, type, dims, kept.flip(), isWidened);
    }

    /** Returns the type of its elements in the file. */
    public ElementType type() {
        return type;
    }

    /** Returns its shape. */
    public long[] dims() {
        return dims.clone();
    }

    /** Returns how many elements it has. */
    public long size() {
        return Dims.product(dims);
    }

    /** Returns its values, little-endian; what the reader does to the buffer changes nothing. */
    public ByteBuffer values() {
        return values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
