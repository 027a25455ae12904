package dev.engram.onnx.adapter;

import dev.engram.kit.files.Sha256;
import java.nio.FloatBuffer;
import java.util.TreeMap;

/** A SHA-256 over everything that an adapter says, whatever the order of its pairs. */
final class AdapterChecksum {

    private final Sha256 bytes = Sha256.begin();

    private AdapterChecksum() {}

    static String of(OnnxAdapter adapter) {
        AdapterChecksum sum = new AdapterChecksum();
        sum.put(adapter.baseFingerprint().orElse(""));
        sum.bytes.put(adapter.version());
        new TreeMap<>(adapter.pairs())
                .forEach(
                        (weight, pair) -> {
                            sum.put(weight);
                            sum.put(pair.a());
                            sum.put(pair.b());
                        });
        return sum.bytes.hex();
    }

    private void put(String text) {
        bytes.put(text.length()).put(text);
    }

    private void put(FloatMatrix matrix) {
        bytes.put(matrix.rows()).put(matrix.columns());
        FloatBuffer values = matrix.values();
        while (values.hasRemaining()) {
            bytes.put(Float.floatToRawIntBits(values.get()));
        }
    }
}
