package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adapters as ONNX Runtime's {@code .onnx_adapter} files, which its C, C++, C#, Python and Java
 * APIs load.
 *
 * <p>Engram's files also state the base, and a checksum over base, version and values, without
 * which {@link #read} refuses them. Files of other makers have neither: {@link #readUnchecked}
 * takes them if their parameters have the names of Engram's slots, and what is written again has a
 * checksum.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxAdapterFile {

    /** The largest file that is read. */
    public static final long LARGEST = 1L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(OnnxAdapterFile.class);

    private OnnxAdapterFile() {}

    /**
     * Writes an adapter; the file appears, or is replaced, as a whole or not at all.
     *
     * @throws EngramException if the folder is not there
     * @throws EngramException if it cannot be written
     */
    public static void write(OnnxAdapter adapter, Path file) {
        Path target = file.toAbsolutePath();
        ModelFile.requireFolder(target);
        try {
            byte[] bytes = encode(adapter);
            AtomicReplacement.write(target, out -> out.write(bytes));
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot write the adapter %s (%s): give a folder that this process may write, on a disk with room"
                            .formatted(file, e),
                    e);
        }
    }

    /**
     * Returns the adapter in a file.
     *
     * @throws EngramException if there is none, it is damaged or states no checksum, saying what is
     *     wrong
     */
    public static OnnxAdapter read(Path file) {
        return decode(bytes(file), file.toString());
    }

    /**
     * Returns the adapter in a file that another tool made, which states neither base nor checksum:
     * only names and shapes are then compared with a model, and a warning says so. A file that
     * states either is read as {@link #read} does.
     *
     * @throws EngramException if there is none, or it is damaged in a way that can be seen
     */
    public static OnnxAdapter readUnchecked(Path file) {
        OnnxAdapter adapter = new AdapterDecoder(bytes(file), file.toString(), true).adapter();
        if (adapter.baseFingerprint().isEmpty()) {
            LOG.warn(
                    "{} does not state its base: whether it was trained on a model is not checked,"
                            + " only names and shapes are; without a checksum neither are values",
                    file);
        }
        return adapter;
    }

    private static byte[] bytes(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > LARGEST) {
                throw new EngramException(
                        "%s has %s bytes; an adapter has at most %s"
                                .formatted(file, bytes, LARGEST));
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new EngramException("There is no adapter file " + file.toAbsolutePath(), e);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read the adapter %s (%s): is the file there, and may this process read it?"
                            .formatted(file, e),
                    e);
        }
    }

    /** Returns the bytes of the file of an adapter. */
    public static byte[] encode(OnnxAdapter adapter) {
        return new AdapterEncoder(adapter).bytes();
    }

    /**
     * Returns the adapter in bytes.
     *
     * @param where what they are, for messages
     * @throws EngramException if they are damaged or state no checksum, saying what is wrong
     */
    public static OnnxAdapter decode(byte[] bytes, String where) {
        return new AdapterDecoder(bytes, where, false).adapter();
    }
}
