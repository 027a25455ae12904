package dev.engram.djl.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
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
 * GiB; this holds one tensor at a time, off the heap.
 */
final class Safetensors {

    private static final Gson GSON = new Gson();
    private static final int LENGTH_BYTES = 8;

    private Safetensors() {}

    static void write(Map<String, NDArray> tensors, OutputStream out) throws IOException {
        Map<String, Entry> header = new LinkedHashMap<>();
        long offset = 0;
        for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
            NDArray array = tensor.getValue();
            long end = offset + array.size() * array.getDataType().getNumOfBytes();
            header.put(
                    tensor.getKey(),
                    new Entry(
                            array.getDataType().asSafetensors(),
                            array.getShape().getShape(),
                            new long[] {offset, end}));
            offset = end;
        }
        byte[] json = GSON.toJson(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + LENGTH_BYTES - 1) / LENGTH_BYTES * LENGTH_BYTES;
        byte[] text = Arrays.copyOf(json, padded);
        Arrays.fill(text, json.length, padded, (byte) ' ');
        out.write(
                ByteBuffer.allocate(LENGTH_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(padded)
                        .array());
        out.write(text);
        WritableByteChannel channel = Channels.newChannel(out);
        for (NDArray array : tensors.values()) {
            ByteBuffer bytes = array.toByteBuffer();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long headerLength = map(channel, 0, LENGTH_BYTES).getLong();
            ByteBuffer header = map(channel, LENGTH_BYTES, headerLength);
            JsonObject json =
                    GSON.fromJson(
                            StandardCharsets.UTF_8.decode(header).toString(), JsonObject.class);
            long begin = LENGTH_BYTES + headerLength;
            for (String name : json.keySet()) {
                Entry entry = GSON.fromJson(json.get(name), Entry.class);
                long[] span = entry.data_offsets;
                ByteBuffer bytes = map(channel, begin + span[0], span[1] - span[0]);
                DataType type = DataType.fromSafetensors(entry.dtype);
                NDArray array = manager.create(bytes, new Shape(entry.shape), type);
                array.setName(name);
                tensors.put(name, array);
            }
        }
        return tensors;
    }

    private static ByteBuffer map(FileChannel channel, long from, long length) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, from, length)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A header entry; the names of the fields are the format's. */
    @SuppressWarnings("MemberName")
    private static final class Entry {

        final String dtype;
        final long[] shape;
        final long[] data_offsets;

        Entry(String dtype, long[] shape, long[] offsets) {
            this.dtype = dtype;
            this.shape = shape;
            this.data_offsets = offsets;
        }
    }
}
