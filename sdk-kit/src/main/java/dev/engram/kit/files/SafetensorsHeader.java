package dev.engram.kit.files;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.engram.api.EngramException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a safetensors file says about its tensors, checked in full before one of them is read: a
 * file may come from anybody.
 */
final class SafetensorsHeader {

    static final int LENGTH_BYTES = 8;
    static final String METADATA = "__metadata__";

    // The header of a model with 100,000 tensors takes about 20 MB.
    private static final long LONGEST = 32L << 20;
    private static final int MOST_PROBLEMS = 20;

    private final Path file;
    private final List<TensorEntry> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private long begin;
    private int unlisted;

    private SafetensorsHeader(Path file) {
        this.file = file;
    }

    /**
     * Reads and checks the header.
     *
     * @throws EngramException naming the file and every tensor that is wrong
     */
    static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
        SafetensorsHeader header = new SafetensorsHeader(file);
        header.parse(header.text(channel));
        header.checkLayout(channel.size() - header.begin);
        header.report();
        return header;
    }

    /** Returns the tensors in the order in which the header names them. */
    List<TensorEntry> entries() {
        return entries;
    }

    /** Returns where in the file the values of a tensor begin. */
    long position(TensorEntry entry) {
        return begin + entry.begin();
    }

    private String text(FileChannel channel) throws IOException {
        if (channel.size() < LENGTH_BYTES) {
            throw damaged("it has %s bytes, too few for a header".formatted(channel.size()));
        }
        long length = bytes(channel, 0, LENGTH_BYTES).getLong();
        if (length < 0 || length > channel.size() - LENGTH_BYTES) {
            throw damaged(
                    "it has %s bytes, but states a header of %s"
                            .formatted(channel.size(), Long.toUnsignedString(length)));
        }
        if (length > LONGEST) {
            throw damaged("its header has %s bytes; %s are read".formatted(length, LONGEST));
        }
        begin = LENGTH_BYTES + length;
        ByteBuffer text = bytes(channel, LENGTH_BYTES, (int) length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw damaged("its header is no UTF-8 text");
        }
    }

    private static ByteBuffer bytes(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("It became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private void parse(String text) throws IOException {
        try (JsonReader json = new JsonReader(new StringReader(text))) {
            json.setStrictness(Strictness.STRICT);
            tensors(json);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw damaged("there is more after its JSON header");
            }
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new EngramException(message(List.of("its header cannot be read: " + e)), e);
        }
    }

    private void tensors(JsonReader json) throws IOException {
        Set<String> names = new HashSet<>();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (!names.add(name)) {
                problem(name, "is there twice");
            }
            if (name.equals(METADATA)) {
                json.skipValue();
            } else {
                tensor(name, json);
            }
        }
        json.endObject();
    }

    private void tensor(String name, JsonReader json) throws IOException {
        TensorDraft draft = new TensorDraft();
        draft.read(json);
        List<String> found = draft.problems();
        found.forEach(text -> problem(name, text));
        if (found.isEmpty()) {
            entries.add(draft.entry(name));
        }
    }

    /** The format allows no overlap and no hole, so that a file has one meaning only. */
    private void checkLayout(long dataBytes) {
        long expected = 0;
        for (TensorEntry entry : entries.stream().sorted(TensorEntry.BY_POSITION).toList()) {
            if (entry.end() > dataBytes) {
                problem(
                        entry.name(),
                        "ends at byte %s of the values, of which there are %s"
                                .formatted(entry.end(), dataBytes));
            } else if (entry.begin() != expected) {
                problem(
                        entry.name(),
                        "begins at byte %s, but the tensor before it ends at %s"
                                .formatted(entry.begin(), expected));
            }
            expected = entry.end();
        }
        if (problems.isEmpty() && expected != dataBytes) {
            problems.add("%s bytes follow its last tensor".formatted(dataBytes - expected));
        }
    }

    private void problem(String name, String text) {
        String shown = name.length() > 200 ? name.substring(0, 200) + "…" : name;
        if (problems.size() < MOST_PROBLEMS) {
            problems.add("tensor " + shown + " " + text);
        } else {
            // A header made to do harm has room for millions.
            unlisted++;
        }
    }

    private void report() {
        if (!problems.isEmpty()) {
            throw new EngramException(message(problems));
        }
    }

    private EngramException damaged(String problem) {
        return new EngramException(message(List.of(problem)));
    }

    private String message(List<String> all) {
        return "%s is no safetensors file, or damaged, or cut off: write or fetch it again.\n  - "
                        .formatted(file)
                + String.join("\n  - ", all)
                + (unlisted > 0 ? "\n  - and " + unlisted + " more" : "");
    }

    /** A tensor whose type, shape and size agree. */
    record TensorEntry(String name, ElementType type, Shape shape, long begin, long end) {

        static final Comparator<TensorEntry> BY_POSITION =
                Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end);

        long bytes() {
            return end - begin;
        }
    }
}
