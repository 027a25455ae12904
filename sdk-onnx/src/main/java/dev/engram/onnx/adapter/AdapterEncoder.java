package dev.engram.onnx.adapter;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.engram.onnx.internal.flatbuffer.AdapterFields;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes an adapter as ONNX Runtime reads it. */
final class AdapterEncoder {

    private static final int ALIGNMENT = 8;

    private final FlatBufferBuilder out = new FlatBufferBuilder(1024);
    private final OnnxAdapter adapter;

    AdapterEncoder(OnnxAdapter adapter) {
        this.adapter = adapter;
    }

    byte[] bytes() {
        int vector = vector(parameters());
        int base = out.createString(adapter.baseFingerprint().orElse(""));
        int checksum = out.createString(AdapterChecksum.of(adapter));
        out.startTable(AdapterFields.ADAPTER_FIELDS);
        out.addOffset(AdapterFields.CHECKSUM, checksum, 0);
        out.addOffset(AdapterFields.BASE, base, 0);
        out.addOffset(AdapterFields.PARAMETERS, vector, 0);
        out.addInt(AdapterFields.MODEL_VERSION, 1, 0);
        out.addInt(AdapterFields.ADAPTER_VERSION, adapter.version(), 0);
        out.addInt(AdapterFields.FORMAT_VERSION, AdapterFields.FORMAT, 0);
        out.finish(out.endTable(), AdapterFields.IDENTIFIER);
        return out.sizedByteArray();
    }

    private List<Integer> parameters() {
        List<Integer> parameters = new ArrayList<>();
        adapter.pairs()
                .forEach(
                        (weight, pair) -> {
                            parameters.add(parameter(AdapterSlot.a(weight), pair.a()));
                            parameters.add(parameter(AdapterSlot.b(weight), pair.b()));
                        });
        return parameters;
    }

    private int vector(List<Integer> offsets) {
        out.startVector(Integer.BYTES, offsets.size(), Integer.BYTES);
        for (int i = offsets.size() - 1; i >= 0; i--) {
            out.addOffset(offsets.get(i));
        }
        return out.endVector();
    }

    private int parameter(String name, FloatMatrix matrix) {
        int text = out.createString(name);
        out.startVector(Long.BYTES, 2, Long.BYTES);
        out.addLong(matrix.columns());
        out.addLong(matrix.rows());
        int dims = out.endVector();
        int data = data(matrix);
        out.startTable(AdapterFields.PARAMETER_FIELDS);
        out.addOffset(AdapterFields.DATA, data, 0);
        out.addInt(AdapterFields.TYPE, AdapterFields.FLOAT, 0);
        out.addOffset(AdapterFields.DIMS, dims, 0);
        out.addOffset(AdapterFields.NAME, text, 0);
        return out.endTable();
    }

    private int data(FloatMatrix matrix) {
        int bytes = Math.multiplyExact(matrix.values().remaining(), Float.BYTES);
        ByteBuffer place = out.createUnintializedVector(1, bytes, ALIGNMENT);
        place.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(matrix.values());
        return out.endVector();
    }
}
