package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.Experimental;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DataTypeName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** A SHA-256 over the names, types, shapes and values of a base's parameters. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class BaseFingerprint {

    private BaseFingerprint() {}

    /** Returns the fingerprint of all parameters of a block; waits for the device. */
    public static String of(Block block) {
        Map<String, NDArray> arrays = new TreeMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            arrays.put(entry.getKey(), entry.getValue().getArray());
        }
        return of(arrays);
    }

    /** Returns the fingerprint of parameters, whatever their order; waits for the device. */
    public static String of(Map<String, NDArray> parameters) {
        MessageDigest digest = sha256();
        new TreeMap<>(parameters)
                .forEach(
                        (name, array) ->
                                digest.update(line(name, array).getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String line(String name, NDArray array) {
        return "%s %s %s %s\n"
                .formatted(
                        name,
                        DataTypeName.of(array.getDataType()),
                        array.getShape(),
                        Checksums.of(array));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
