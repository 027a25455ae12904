package dev.engram.djl.privacy;

import com.google.common.hash.Hashing;
import dev.engram.api.Experimental;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of erasures: one line each at level INFO of the logger {@code dev.engram.audit}.
 *
 * <p>The logging framework adds the time and keeps the line; a subject stands there by its SHA-256,
 * so that the record of an erasure does not keep what was to be erased.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ErasureAudit {

    private static final Logger AUDIT = LoggerFactory.getLogger("dev.engram.audit");

    private ErasureAudit() {}

    /** Records that the samples of a subject were erased. */
    public static void record(String subject, long removed) {
        String digest = Hashing.sha256().hashString(subject, StandardCharsets.UTF_8).toString();
        AUDIT.info("erased subject sha256:{}: {} samples removed", digest, removed);
    }
}
