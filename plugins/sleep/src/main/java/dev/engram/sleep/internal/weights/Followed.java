package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The averages that a follower left in a directory. */
public final class Followed {

    /** The moving average of the steps. */
    public static final String EMA = "ema";

    /** The mean of what each training left. */
    public static final String AVERAGE = "average";

    private static final Logger LOG = LoggerFactory.getLogger(Followed.class);

    private Followed() {}

    /** Returns the file of a directory. */
    public static WeightsFile file(Path directory) {
        return new WeightsFile(directory.resolve("followed.safetensors"));
    }

    /** Returns them by their name, those that are of the model's shapes. */
    public static Map<String, Map<String, NDArray>> of(
            @Nullable Path directory, ModelWeights weights, NDManager owner) {
        Map<String, Map<String, NDArray>> found = new LinkedHashMap<>();
        if (directory == null) {
            return found;
        }
        Map<String, NDArray> all = read(directory, owner);
        for (String name : new String[] {EMA, AVERAGE}) {
            Map<String, NDArray> values = under(name, all);
            if (weights.fit(values)) {
                found.put(name, values);
            }
        }
        return found;
    }

    /** Reads the file; one that is damaged counts for nothing. */
    public static Map<String, NDArray> read(Path directory, NDManager owner) {
        try {
            return file(directory).read(owner).map(WeightsFile.Kept::weights).orElse(Map.of());
        } catch (EngramException e) {
            LOG.warn("There are no averages of the weights: {}", e.getMessage());
            return Map.of();
        }
    }

    /** Returns those values of a file that are of one average. */
    public static Map<String, NDArray> under(String name, Map<String, NDArray> all) {
        Map<String, NDArray> values = new LinkedHashMap<>();
        String prefix = name + "/";
        all.forEach(
                (key, value) -> {
                    if (key.startsWith(prefix)) {
                        values.put(key.substring(prefix.length()), value);
                    }
                });
        return values;
    }
}
