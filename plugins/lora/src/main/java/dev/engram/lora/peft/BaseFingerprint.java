package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.Experimental;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DataTypeName;
import dev.engram.kit.files.Sha256;
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
        Sha256 sum = Sha256.begin();
        new TreeMap<>(parameters).forEach((name, array) -> sum.put(line(name, array)));
        return sum.hex();
    }

    private static String line(String name, NDArray array) {
        return "%s %s %s %s\n"
                .formatted(
                        name,
                        DataTypeName.of(array.getDataType()),
                        array.getShape(),
                        Checksums.of(array));
    }
}
