package dev.engram.lora.peft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes an adapter's files byte by byte from the published formats, so that they can be wrong. */
final class RawAdapter {

    static final String A = "base_model.model.net.q.lora_A.weight";
    static final String B = "base_model.model.net.q.lora_B.weight";

    private final Path folder;
    private final Map<String, String> config = new LinkedHashMap<>();

    RawAdapter(Path folder) {
        this.folder = folder;
        config.put("peft_type", "\"LORA\"");
        config.put("r", "2");
        config.put("lora_alpha", "4");
        config.put("target_modules", "[\"q\"]");
    }

    RawAdapter with(String key, String json) {
        config.put(key, json);
        return this;
    }

    RawAdapter config() throws IOException {
        return config(
                config.entrySet().stream()
                        .map(entry -> "\"%s\": %s".formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(",\n", "{", "}")));
    }

    RawAdapter config(String text) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("adapter_config.json"), text);
        return this;
    }

    /** Writes A of shape (2, 3) and B of shape (1, 2) as floats 0, 1, 2, … */
    RawAdapter tensors() throws IOException {
        return tensors(
                "{%s,%s}".formatted(entry(A, "F32", "2,3", 0, 24), entry(B, "F32", "1,2", 24, 32)),
                floats(8));
    }

    RawAdapter tensors(String header, byte[] values) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return file(
                ByteBuffer.allocate(8 + text.length + values.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(text.length)
                        .put(text)
                        .put(values)
                        .array());
    }

    RawAdapter file(byte[] bytes) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("adapter_model.safetensors"), bytes);
        return this;
    }

    static String entry(String name, String type, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s,%s]}"
                .formatted(name, type, shape, begin, end);
    }

    static byte[] floats(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    static byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }
}
