package dev.engram.assistant.encoder;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import dev.engram.scenarios.command.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The weights of an encoder before the first domain: every run begins with the same ones. */
public final class Base {

    private final byte[] weights;

    private Base(byte[] weights) {
        this.weights = weights;
    }

    /** Takes the weights that an encoder has now. */
    public static Base of(SentenceEncoder encoder) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            encoder.saveParameters(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Base(bytes.toByteArray());
    }

    /** Reads a base that was written before. */
    public static Base read(Path file) throws IOException {
        return new Base(Files.readAllBytes(file));
    }

    /** Writes the weights into a file. */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, weights);
    }

    /** Gives an encoder of the same architecture these weights. */
    void copyInto(SentenceEncoder encoder, NDManager manager) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(weights))) {
            encoder.loadParameters(manager, in);
        } catch (IOException | MalformedModelException e) {
            throw new BadInputException(
                    "The base is damaged or of another architecture (%s): delete its file in --out"
                            .formatted(e),
                    e);
        }
    }
}
