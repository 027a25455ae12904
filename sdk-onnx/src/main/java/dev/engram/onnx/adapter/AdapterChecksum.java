package dev.engram.onnx.adapter;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** A SHA-256 over everything that an adapter says, whatever the order of its pairs. */
final class AdapterChecksum {

    private final Hasher hasher = Hashing.sha256().newHasher();

    private AdapterChecksum() {}

    static String of(OnnxAdapter adapter) {
        AdapterChecksum sum = new AdapterChecksum();
        sum.put(adapter.baseFingerprint().orElse(""));
        sum.hasher.putInt(adapter.version());
        new TreeMap<>(adapter.pairs())
                .forEach(
                        (weight, pair) -> {
                            sum.put(weight);
                            sum.put(pair.a());
                            sum.put(pair.b());
                        });
        return sum.hasher.hash().toString();
    }

    private void put(String text) {
        hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
    }

    private void put(FloatMatrix matrix) {
        hasher.putInt(matrix.rows()).putInt(matrix.columns());
        FloatBuffer values = matrix.values();
        while (values.hasRemaining()) {
            hasher.putInt(Float.floatToRawIntBits(values.get()));
        }
    }
}
