package dev.engram.djl.privacy;

import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The key of the pseudonyms, in a file that only its owner reads where the system knows owners. */
final class AuditKey {

    private static final String FILE = "audit.key";
    private static final int BYTES = 32;

    private AuditKey() {}

    static byte[] random() {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /** Returns the key in a directory, made if there is none. */
    static byte[] in(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                make(directory, file);
            }
            return parsed(file);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read or make the key of the audit, %s (%s): give this process the right to read and write it"
                            .formatted(file, e),
                    e);
        }
    }

    private static void make(Path directory, Path file) throws IOException {
        Files.createDirectories(directory);
        Path unfinished = Files.createTempFile(directory, FILE, ".tmp", ownersOnly(directory));
        Files.writeString(unfinished, HexFormat.of().formatHex(random()));
        AtomicReplacement.of(unfinished, file);
    }

    private static FileAttribute<?>[] ownersOnly(Path directory) {
        boolean knowsOwners =
                directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        return knowsOwners
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static byte[] parsed(Path file) throws IOException {
        try {
            byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
            if (key.length == BYTES) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            throw damaged(file, e);
        }
        throw damaged(file, null);
    }

    private static EngramException damaged(Path file, @Nullable Throwable cause) {
        return new EngramException(
                file
                        + " is damaged: it holds no key of 32 bytes in hexadecimal. Restore it from"
                        + " a backup, or delete it: subjects then get other pseudonyms than in"
                        + " earlier lines of the audit",
                cause);
    }
}
