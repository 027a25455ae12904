package dev.engram.onnx.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedTensorsTest {

    private static final int SIZE = 1 << 15;

    @TempDir Path folder;

    /** Of a model of many gigabytes nothing is to be on the heap while it is read. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void externalDataIsMappedAndNotOnTheHeap() throws Exception {
        ByteBuffer data = ByteBuffer.allocate(4 * (SIZE + 3)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < SIZE + 3; i++) {
            data.putFloat(i);
        }
        Files.write(folder.resolve("weights.bin"), data.array());
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, SIZE)
                        .initializer(external(12, 4 * SIZE))
                        .node("MatMul", "y", "x", "w")
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("model.onnx"));
        ByteBuffer values = OnnxModel.read(file).graph().initializers().get("w").values();
        assertThat(values.isDirect()).isTrue();
        assertThat(values.remaining()).isEqualTo(4 * SIZE);
        assertThat(values.getFloat(0)).isEqualTo(3);
        assertThat(values.getFloat(4 * (SIZE - 1))).isEqualTo(SIZE + 2);
    }

    private static TensorProto external(int offset, int length) {
        return Models.tensor("w", DataType.FLOAT, SIZE, 1)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "weights.bin"))
                .addExternalData(entry("offset", String.valueOf(offset)))
                .addExternalData(entry("length", String.valueOf(length)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
