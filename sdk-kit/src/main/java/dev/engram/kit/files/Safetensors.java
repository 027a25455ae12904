package dev.engram.kit.files;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.Gson;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.kit.files.SafetensorsHeader.TensorEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tensors as a safetensors file: eight bytes of header length, a JSON header, the raw values.
 *
 * <p>DJL reads and writes the format too, but holds a whole file on the Java heap and stops at 2
 * GiB; this holds one tensor at a time, off the heap, and checks a header in full before it
 * believes a word.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Safetensors {

    private static final Gson GSON = new Gson();
    private static final int LENGTH_BYTES = SafetensorsHeader.LENGTH_BYTES;

    private Safetensors() {}

    /** Writes tensors in the order of the map; the stream stays open. */
    public static void write(Map<String, NDArray> tensors, OutputStream out) throws IOException {
        write(tensors, Map.of(), out);
    }

    /** Writes tensors in the order of the map, and texts about them; the stream stays open. */
    public static void write(
            Map<String, NDArray> tensors, Map<String, String> metadata, OutputStream out)
            throws IOException {
        byte[] header = padded(GSON.toJson(header(tensors, metadata)));
        out.write(
                ByteBuffer.allocate(LENGTH_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .array());
        out.write(header);
        WritableByteChannel channel = Channels.newChannel(out);
        for (NDArray array : tensors.values()) {
            ByteBuffer bytes = array.toByteBuffer();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static Map<String, Object> header(
            Map<String, NDArray> tensors, Map<String, String> metadata) {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(SafetensorsHeader.METADATA, metadata);
        }
        long offset = 0;
        for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
            NDArray array = tensor.getValue();
            long end = offset + array.size() * array.getDataType().getNumOfBytes();
            header.put(tensor.getKey(), entry(array, offset, end));
            offset = end;
        }
        return header;
    }

    private static byte[] padded(String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int length = (json.length + LENGTH_BYTES - 1) / LENGTH_BYTES * LENGTH_BYTES;
        byte[] text = Arrays.copyOf(json, length);
        Arrays.fill(text, json.length, length, (byte) ' ');
        return text;
    }

    private static Map<String, Object> entry(NDArray array, long begin, long end) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("dtype", array.getDataType().asSafetensors());
        entry.put("shape", array.getShape().getShape());
        entry.put("data_offsets", new long[] {begin, end});
        return entry;
    }

    /**
     * Reads all tensors, each of the type it was written with; only BF16, which makes DJL's PyTorch
     * engine abort the JVM, becomes FLOAT32. The arrays are copies: they do not need the file.
     *
     * @throws EngramException if the file is damaged or was made to do harm, naming it and every
     *     tensor that is wrong; nothing was read then
     */
    public static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
        return read(file, manager, false);
    }

    /**
     * Reads like {@link #read(Path, NDManager)}, and turns F16 into FLOAT32 too.
     *
     * @throws EngramException as there
     */
    public static Map<String, NDArray> readAsFloat(Path file, NDManager manager)
            throws IOException {
        return read(file, manager, true);
    }

    private static Map<String, NDArray> read(Path file, NDManager manager, boolean alsoHalf)
            throws IOException {
        return Uninterrupted.get(() -> readOnce(file, manager, alsoHalf));
    }

    private static Map<String, NDArray> readOnce(Path file, NDManager manager, boolean alsoHalf)
            throws IOException {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = SafetensorsHeader.read(file, channel);
            for (TensorEntry entry : header.entries()) {
                ByteBuffer bytes =
                        channel.map(MapMode.READ_ONLY, header.position(entry), entry.bytes())
                                .order(ByteOrder.LITTLE_ENDIAN);
                NDArray array =
                        entry.type().widens(alsoHalf)
                                ? widened(entry, bytes, manager)
                                : copied(entry, bytes, manager);
                array.setName(entry.name());
                tensors.put(entry.name(), array);
            }
        }
        return tensors;
    }

    // DJL's array shares a direct buffer: a write to it would hit the read-only mapping, and a file
    // that gets shorter would take the JVM down.
    private static NDArray copied(TensorEntry entry, ByteBuffer bytes, NDManager manager) {
        try (NDArray mapped = manager.create(bytes, entry.shape(), entry.type().stored())) {
            return mapped.duplicate();
        }
    }

    private static NDArray widened(TensorEntry entry, ByteBuffer bytes, NDManager manager) {
        ByteBuffer wide =
                ByteBuffer.allocateDirect(bytes.remaining() / Short.BYTES * Float.BYTES)
                        .order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            wide.putFloat(entry.type().widen(bytes.getShort()));
        }
        try (NDArray shared = manager.create(wide.flip(), entry.shape(), DataType.FLOAT32)) {
            return shared.duplicate();
        }
    }
}
