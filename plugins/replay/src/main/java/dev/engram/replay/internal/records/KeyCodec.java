package dev.engram.replay.internal.records;

import dev.engram.api.EngramException;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes what is known of a sample as bytes. Names of tasks and groups that recur are one object.
 */
public final class KeyCodec {

    private static final int SHOWN = 40;

    private final Map<String, String> names = new HashMap<>();

    /**
     * Returns the bytes of a key, without its id.
     *
     * @param layout how the store names the layout
     */
    public static byte[] encode(SampleKey key, String layout) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(layout);
            out.writeUTF(key.task());
            out.writeUTF(key.group());
            out.writeLong(key.tag());
            out.writeUTF(key.subject());
            out.writeLong(key.born());
        } catch (IOException e) {
            throw new EngramException(
                    "A sample of task \"%s\", about subject \"%s\", cannot be stored: %s. Names of tasks, subjects and groups may take 65,535 bytes each: give shorter ones"
                            .formatted(shortened(key.task()), shortened(key.subject()), e),
                    e);
        }
        return bytes.toByteArray();
    }

    /** Returns the key that {@link #encode} wrote. */
    public SampleKey decode(long id, byte[] bytes, Function<String, Layout> layouts) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Layout layout = layouts.apply(in.readUTF());
            String task = shared(in.readUTF());
            String group = shared(in.readUTF());
            long tag = in.readLong();
            String subject = in.readUTF();
            return SampleKey.of(id, task, group, tag, subject, in.readLong(), layout);
        } catch (IOException e) {
            throw new EngramException(
                    "The key of sample %s is damaged: %s. %s".formatted(id, e, DamageAdvice.TEXT),
                    e);
        }
    }

    private static String shortened(String name) {
        return name.length() <= SHOWN ? name : name.substring(0, SHOWN) + "...";
    }

    private String shared(String name) {
        return names.computeIfAbsent(name, Function.identity());
    }
}
