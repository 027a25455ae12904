package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.kit.files.Uninterrupted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of a model's sleep: {@code student.safetensors} is what it has learnt so far,
 * {@code accepted.safetensors} what was accepted last. Each is replaced in one step, and says of
 * which weights it was learnt, so that it counts for no other model. One sleep at a time holds it.
 */
public final class SleepFiles implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SleepFiles.class);

    private final WeightsFile student;
    private final WeightsFile accepted;
    private final FileChannel channel;

    private SleepFiles(Path directory, FileChannel channel) {
        this.student = new WeightsFile(directory.resolve("student.safetensors"));
        this.accepted = new WeightsFile(directory.resolve("accepted.safetensors"));
        this.channel = channel;
    }

    /**
     * Opens a directory, which need not be there.
     *
     * @throws EngramException if another sleep holds it, or it cannot be written
     */
    public static SleepFiles open(Path directory) {
        Optional<FileChannel> held;
        try {
            held = Uninterrupted.get(() -> locked(directory));
        } catch (IOException e) {
            throw new EngramException(
                    "optDirectory(%s) cannot be written: %s. Name another one."
                            .formatted(directory, e),
                    e);
        }
        return held.map(channel -> new SleepFiles(directory, channel))
                .orElseThrow(
                        () ->
                                new EngramException(
                                        "Another sleep holds %s: give each model a directory of its own"
                                                .formatted(directory)));
    }

    private static Optional<FileChannel> locked(Path directory) throws IOException {
        Files.createDirectories(directory);
        FileChannel channel =
                FileChannel.open(
                        directory.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        if (isLocked(channel)) {
            return Optional.of(channel);
        }
        channel.close();
        return Optional.empty();
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Writes down what the student has learnt so far. */
    public void keepStudent(Map<String, NDArray> weights, String base) {
        student.write(weights, base);
    }

    /** Writes down what is accepted, before the model gets it. */
    public void accept(Map<String, NDArray> weights, String base) {
        accepted.write(weights, base);
    }

    /** Returns what a student had learnt from just these weights; another's is of no use. */
    public Optional<Map<String, NDArray>> student(String base, NDManager owner) {
        return read(student, base, owner);
    }

    /** Returns what was accepted of just these weights. */
    public Optional<Map<String, NDArray>> accepted(String base, NDManager owner) {
        return read(accepted, base, owner);
    }

    private static Optional<Map<String, NDArray>> read(
            WeightsFile file, String base, NDManager owner) {
        try {
            return file.read(owner)
                    .filter(kept -> kept.base().equals(base))
                    .map(WeightsFile.Kept::weights);
        } catch (EngramException e) {
            LOG.warn("It goes, and what it held is learnt anew: {}", e.getMessage());
            file.delete();
            return Optional.empty();
        }
    }

    /** Removes what a student learnt that will not go on. */
    public void dropStudent() {
        student.delete();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("The lock of a sleep cannot be given back", e);
        }
    }
}
