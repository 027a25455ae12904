package dev.engram.analytic;

import ai.djl.nn.Parameter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells whether a base is still the one whose features were summed, to the last bit. */
final class BaseDigest {

    private BaseDigest() {}

    /** Returns a digest of the values of some parameters; waits for the device. */
    static String of(List<Parameter> parameters) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Parameter parameter : parameters) {
                digest.update(parameter.getArray().toByteBuffer());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
