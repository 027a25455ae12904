package dev.engram.replay.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes what is known of a sample as bytes. Names of tasks and groups that recur are one object.
 */
final class KeyCodec {

    private final Map<String, String> names = new HashMap<>();

    /**
     * Returns the bytes of a key, without its id.
     *
     * @param layout how the store names the layout
     */
    static byte[] encode(SampleKey key, String layout) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(layout);
            out.writeUTF(key.task());
            out.writeUTF(key.group());
            out.writeLong(key.tag());
            out.writeUTF(key.subject());
            out.writeLong(key.born());
        } catch (IOException e) {
            throw new UncheckedIOException("The key " + key + " cannot be written", e);
        }
        return bytes.toByteArray();
    }

    /** Returns the key that {@link #encode} wrote. */
    SampleKey decode(long id, byte[] bytes, Function<String, Layout> layouts) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Layout layout = layouts.apply(in.readUTF());
            String task = shared(in.readUTF());
            String group = shared(in.readUTF());
            long tag = in.readLong();
            String subject = in.readUTF();
            return new SampleKey(id, task, group, tag, subject, in.readLong(), layout);
        } catch (IOException e) {
            throw new UncheckedIOException("The key of sample " + id + " cannot be read", e);
        }
    }

    private String shared(String name) {
        return names.computeIfAbsent(name, Function.identity());
    }
}
