package dev.engram.onnx;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder beside a file, in which its successor is made and checked before it takes its place. */
final class Staging implements AutoCloseable {

    private final Path home;
    private final Path folder;

    private Staging(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    static Staging beside(Path file) throws IOException {
        Path home = file.resolveSibling(".").normalize();
        return new Staging(home, Files.createTempDirectory(home, "." + file.getFileName() + "-"));
    }

    Path folder() {
        return folder;
    }

    /** Moves the files to where they belong, each in one step and after it is on the disk. */
    void replace(List<Path> files) throws IOException {
        for (Path file : files) {
            force(file, StandardOpenOption.WRITE);
        }
        for (Path file : files) {
            Path target = home.resolve(folder.relativize(file).toString());
            Files.createDirectories(target.resolveSibling(".").normalize());
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
        if (!System.getProperty("os.name", "").startsWith("Windows")) {
            force(home, StandardOpenOption.READ);
        }
    }

    private static void force(Path file, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(file, how)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
