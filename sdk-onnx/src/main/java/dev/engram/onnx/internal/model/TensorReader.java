package dev.engram.onnx.internal.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.ExternalData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors of a file, checked before memory is taken for them. */
final class TensorReader {

    private final ExternalData external;
    private final long fileBytes;

    TensorReader(ExternalData external, long fileBytes) {
        this.external = external;
        this.fileBytes = fileBytes;
    }

    Tensor read(TensorProto tensor, String where) {
        ElementType type = type(tensor, where);
        boolean outside = ExternalData.isExternal(tensor);
        long most = outside ? external.mostBytes(tensor, where) : 8 * fileBytes;
        long[] dims = Dims.checked(tensor.getDimsList(), type.bytes(), most, where);
        long bytes = Math.multiplyExact(Dims.product(dims), (long) type.bytes());
        if (bytes > Integer.MAX_VALUE) {
            throw new OnnxException(
                    where + " has " + bytes + " bytes; a tensor may have at most 2 GiB here");
        }
        ByteBuffer values = outside ? external.read(tensor, bytes, where) : inside(tensor, type);
        requireAll(tensor, values.remaining(), bytes, where);
        return new Tensor(tensor.getName(), type, dims, values);
    }

    private static void requireAll(TensorProto tensor, long seen, long bytes, String where) {
        if (seen != bytes) {
            throw new OnnxException(
                    where
                            + " should have "
                            + bytes
                            + " bytes by its shape "
                            + tensor.getDimsList()
                            + ", and has "
                            + seen
                            + "; the file is damaged");
        }
    }

    private static ElementType type(TensorProto tensor, String where) {
        return ElementType.of(tensor.getDataType())
                .filter(type -> type.bytes() > 0)
                .orElseThrow(
                        () ->
                                new OnnxException(
                                        where
                                                + " has the element type "
                                                + tensor.getDataType()
                                                + ", which Engram cannot hold; export the model"
                                                + " in float32, float64 or float16"));
    }

    private static ByteBuffer inside(TensorProto tensor, ElementType type) {
        if (tensor.hasRawData()) {
            ByteString raw = tensor.getRawData();
            return raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        return switch (type) {
            case FLOAT, COMPLEX64 -> floats(tensor);
            case DOUBLE, COMPLEX128 -> doubles(tensor);
            case INT64 -> longs(tensor.getInt64DataList());
            case UINT32 -> narrowed(tensor.getUint64DataList(), 4);
            case UINT64 -> longs(tensor.getUint64DataList());
            default -> narrowed(tensor.getInt32DataList(), type.bytes());
        };
    }

    private static ByteBuffer floats(TensorProto tensor) {
        ByteBuffer bytes = buffer(tensor.getFloatDataCount(), Float.BYTES);
        tensor.getFloatDataList().forEach(bytes::putFloat);
        return bytes.flip();
    }

    private static ByteBuffer doubles(TensorProto tensor) {
        ByteBuffer bytes = buffer(tensor.getDoubleDataCount(), Double.BYTES);
        tensor.getDoubleDataList().forEach(bytes::putDouble);
        return bytes.flip();
    }

    private static ByteBuffer longs(java.util.List<Long> values) {
        ByteBuffer bytes = buffer(values.size(), Long.BYTES);
        values.forEach(bytes::putLong);
        return bytes.flip();
    }

    private static ByteBuffer narrowed(java.util.List<? extends Number> values, int width) {
        ByteBuffer bytes = buffer(values.size(), width);
        for (Number value : values) {
            switch (width) {
                case 1 -> bytes.put(value.byteValue());
                case 2 -> bytes.putShort(value.shortValue());
                default -> bytes.putInt(value.intValue());
            }
        }
        return bytes.flip();
    }

    private static ByteBuffer buffer(int count, int width) {
        return ByteBuffer.allocate(Math.multiplyExact(count, width)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
