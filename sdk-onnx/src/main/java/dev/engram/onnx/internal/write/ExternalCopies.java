package dev.engram.onnx.internal.write;

import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Copies of the files that a model's tensors lie in, for a model on its way to a target.
 *
 * <p>Where the target takes the place of the model, a file in which nothing changes is not copied;
 * one that is copied keeps what other models may have behind the model's tensors. Elsewhere all
 * files are copied, up to the last byte that the model uses.
 */
final class ExternalCopies {

    /** What lies behind the tensors may have so many bytes, and so many times those in use. */
    private static final long MOST_UNUSED = 1L << 30;

    private static final long MOST_TIMES = 64;

    private final Path source;
    private final Path home;
    private final boolean inPlace;

    /**
     * Creates them.
     *
     * @param source the model as it is; a real path
     * @param target the model as it is to be; a real path, in another folder or the source's own
     */
    ExternalCopies(Path source, Path target) {
        this.source = source;
        this.home = source.resolveSibling(".").normalize();
        this.inPlace = target.equals(source);
    }

    /**
     * Writes them.
     *
     * @param used how far each file is used
     * @param patches what changes in it
     * @param folder where to; what is there and not returned is only there to be read
     */
    List<Path> write(Map<Path, Long> used, Map<Path, List<FilePatch>> patches, Path folder)
            throws IOException {
        List<Path> written = new ArrayList<>();
        for (Map.Entry<Path, Long> each : used.entrySet()) {
            Path file = each.getKey();
            List<FilePatch> changes = patches.getOrDefault(file, List.of());
            Path copy = folder.resolve(home.relativize(file).toString());
            Files.createDirectories(copy.resolveSibling(".").normalize());
            if (inPlace && !changes(file, changes)) {
                link(file, copy);
            } else {
                written.add(changed(file, copy, kept(file, each.getValue()), changes));
            }
        }
        return written;
    }

    private static Path changed(Path file, Path copy, long bytes, List<FilePatch> changes)
            throws IOException {
        copy(file, copy, bytes);
        for (FilePatch change : changes) {
            change.put(copy);
        }
        return copy;
    }

    private static boolean changes(Path file, List<FilePatch> patches) throws IOException {
        for (FilePatch patch : patches) {
            if (patch.changes(file)) {
                return true;
            }
        }
        return false;
    }

    /** Not every disk has links, nor does every system let one link to another owner's file. */
    private static void link(Path file, Path copy) throws IOException {
        try {
            Files.createLink(copy, file);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(file, copy);
        }
    }

    private long kept(Path file, long used) throws IOException {
        if (!inPlace) {
            return used;
        }
        long size = Files.size(file);
        if (size - used > MOST_UNUSED && size / MOST_TIMES > used) {
            throw new OnnxException(
                    "%s has %s bytes, and %s uses the first %s: the rest would be copied. Keep the model's tensors in a file of their own, or write into another folder"
                            .formatted(file, size, source, used));
        }
        return size;
    }

    private static void copy(Path file, Path copy, long bytes) throws IOException {
        try (FileChannel in = FileChannel.open(file);
                FileChannel out =
                        FileChannel.open(
                                copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long done = 0;
            while (done < bytes) {
                long moved = in.transferTo(done, bytes - done, out);
                if (moved <= 0) {
                    throw new IOException(file + " ended at " + done + " of " + bytes + " bytes");
                }
                done += moved;
            }
        }
    }
}
