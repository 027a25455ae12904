package dev.engram.replay.internal.recognition;

import dev.engram.kit.files.Sha256;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Tells whose a sample is without keeping the name: an HMAC of it, under a key of the sample's own
 * that is kept beside it. Two samples of a subject are not seen to be of the same one, no table of
 * names made beforehand helps, and machines that share a store need no secret in common.
 */
public final class Subject {

    private static final int KEY_BYTES = 16;
    private static final int PLAIN_LENGTH = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Subject() {}

    /** Returns what to keep with a sample of a subject; nothing for no name. */
    public static String mark(String name) {
        if (name.isEmpty()) {
            return "";
        }
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        return HexFormat.of().formatHex(key) + Sha256.hmac(key, name);
    }

    /** Returns whether a mark is that of a subject. */
    public static boolean isOf(String mark, String name) {
        if (mark.isEmpty() || name.isEmpty()) {
            return false;
        }
        if (mark.length() == PLAIN_LENGTH) {
            return mark.equals(plain(name));
        }
        int end = 2 * KEY_BYTES;
        byte[] key = HexFormat.of().parseHex(mark.substring(0, end));
        return mark.substring(end).equals(Sha256.hmac(key, name));
    }

    /** Stores of earlier versions hold this. */
    private static String plain(String name) {
        return Sha256.begin().put(name).hex();
    }
}
