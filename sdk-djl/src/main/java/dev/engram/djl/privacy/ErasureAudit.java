package dev.engram.djl.privacy;

import dev.engram.api.Experimental;
import dev.engram.kit.files.Sha256;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of erasures: one line each at level INFO of the logger {@code dev.engram.audit}.
 *
 * <p>The logging framework adds the time and keeps the line. A subject stands there by a pseudonym,
 * the HMAC-SHA-256 of the name under a key, so that the record of an erasure does not keep what was
 * to be erased: without the key nobody can try names. The key lies in the memory directory; delete
 * it to make all earlier lines anonymous.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ErasureAudit {

    private static final Logger AUDIT = LoggerFactory.getLogger("dev.engram.audit");
    private static final byte[] THIS_PROCESS = AuditKey.random();

    private final Supplier<byte[]> key;

    private ErasureAudit(Supplier<byte[]> key) {
        this.key = key;
    }

    /** Returns the record whose key is kept in a memory directory, made there when it is needed. */
    public static ErasureAudit in(Path memory) {
        return new ErasureAudit(() -> AuditKey.in(memory));
    }

    /** Returns the record of a listener without a memory directory: its key dies with the JVM. */
    public static ErasureAudit ofThisProcess() {
        return new ErasureAudit(THIS_PROCESS::clone);
    }

    /**
     * Returns what stands for a subject in the lines of this record, to find them by.
     *
     * @throws dev.engram.api.EngramException if the key cannot be read or made
     */
    public String pseudonym(String subject) {
        return "hmac-sha256:" + Sha256.hmac(key.get(), subject);
    }

    /**
     * Records that the samples of a subject were erased.
     *
     * @param removed how many samples went
     * @param failures in how many places the erasure failed
     */
    public void record(String subject, long removed, int failures) {
        if (failures == 0) {
            AUDIT.info("erased subject {}: {} samples removed", pseudonym(subject), removed);
        } else {
            AUDIT.warn(
                    "erasure of subject {} NOT complete: {} samples removed, {} failures",
                    pseudonym(subject),
                    removed,
                    failures);
        }
    }
}
