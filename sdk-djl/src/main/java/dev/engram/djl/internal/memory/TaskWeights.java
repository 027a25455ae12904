package dev.engram.djl.internal.memory;

import com.google.common.io.BaseEncoding;
import dev.engram.api.Experimental;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By what the weights are known again that a model had after a task.
 *
 * @param task its name, or {@link #BEGINNING}
 * @param parameters what is known of each, by path name
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record TaskWeights(String task, Map<String, Print> parameters) {

    /** Stands for the name of a task where the weights are those before the first one. */
    public static final String BEGINNING = "";

    /** A manifest may say anything. */
    boolean isIncomplete() {
        return task == null
                || parameters == null
                || parameters.values().stream().anyMatch(Print::isIncomplete);
    }

    /**
     * What is known of one parameter.
     *
     * @param sha256 of its values
     * @param size how many it has; 0 where that is not known
     * @param values some of them, float32 in little-endian order and Base64; empty where none are
     *     kept
     */
    public record Print(String sha256, long size, String values) {

        private static final Pattern SUM = Pattern.compile("[0-9a-f]{64}");
        private static final BaseEncoding TEXT = BaseEncoding.base64();

        /** Returns what is known where there is only a checksum. */
        public static Print of(String sha256) {
            return new Print(sha256, 0, "");
        }

        /** Returns it with some of the values. */
        public static Print of(String sha256, long size, float[] some) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(some.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(some);
            return new Print(sha256, size, TEXT.encode(bytes.array()));
        }

        /** Returns the values that were kept. */
        public float[] some() {
            byte[] bytes = TEXT.decode(values);
            float[] some = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(some);
            return some;
        }

        static boolean isSum(@Nullable String text) {
            return text != null && SUM.matcher(text).matches();
        }

        static boolean isIncomplete(@Nullable Print print) {
            return print == null
                    || !isSum(print.sha256)
                    || print.values == null
                    || print.size < 0
                    || !TEXT.canDecode(print.values);
        }
    }
}
