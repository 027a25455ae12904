package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Adapters as ONNX Runtime's {@code .onnx_adapter} files, which its C, C++, C#, Python and Java
 * APIs load.
 *
 * <p>Engram's files also state the base and a checksum. Files of other makers are read where their
 * parameters have the names of Engram's slots; they are then checked by shape only.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxAdapterFile {

    /** The largest file that is read. */
    public static final long LARGEST = 1L << 30;

    private OnnxAdapterFile() {}

    /**
     * Writes an adapter; the file appears, or is replaced, as a whole or not at all.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(OnnxAdapter adapter, Path file) {
        Path target = file.toAbsolutePath();
        Path unfinished = target.resolveSibling(target.getFileName() + ".engram-tmp");
        try {
            Files.write(unfinished, encode(adapter));
            ModelFile.replace(unfinished, target);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the adapter " + file, e);
        }
    }

    /**
     * Returns the adapter in a file.
     *
     * @throws EngramException if there is none, or it is damaged, saying what is wrong
     */
    public static OnnxAdapter read(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > LARGEST) {
                throw new EngramException(
                        "%s has %d bytes; an adapter has at most %d"
                                .formatted(file, bytes, LARGEST));
            }
            return decode(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new EngramException("There is no adapter file " + file.toAbsolutePath(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the adapter " + file, e);
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
     * @throws EngramException if they are damaged, saying what is wrong
     */
    public static OnnxAdapter decode(byte[] bytes, String where) {
        return new AdapterDecoder(bytes, where).adapter();
    }
}
