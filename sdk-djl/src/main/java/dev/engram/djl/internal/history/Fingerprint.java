package dev.engram.djl.internal.history;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.util.Pair;
import dev.engram.djl.internal.memory.TaskWeights;
import dev.engram.kit.files.Checksums;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What tells the weights of one model from another's: a checksum of each parameter, and some of its
 * values. Made once a task, because it brings the weights to the host.
 */
public final class Fingerprint {

    private static final int VALUES = 256;

    private final Map<String, Print> prints;

    private Fingerprint(Map<String, Print> prints) {
        this.prints = prints;
    }

    /** Takes the fingerprint of the parameters that have values. */
    public static Fingerprint of(Block block) {
        Map<String, Print> prints = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            Parameter parameter = entry.getValue();
            // Of a model that was closed before its trainer nothing is left to look at.
            if (parameter.isInitialized() && !parameter.getArray().isReleased()) {
                NDArray array = parameter.getArray();
                prints.put(entry.getKey(), Print.of(array, parameter.requiresGradient()));
            }
        }
        return new Fingerprint(prints);
    }

    /** Returns the fingerprint that was kept. */
    static Fingerprint of(TaskWeights kept) {
        Map<String, Print> prints = new LinkedHashMap<>();
        kept.parameters()
                .forEach(
                        (name, print) ->
                                prints.put(
                                        name,
                                        new Print(
                                                print.sha256(),
                                                false,
                                                (double) print.size(),
                                                print.some())));
        return new Fingerprint(prints);
    }

    /** Returns what is to be kept of it as that of a task. */
    TaskWeights after(String task) {
        Map<String, TaskWeights.Print> kept = new LinkedHashMap<>();
        prints.forEach(
                (name, print) ->
                        kept.put(
                                name,
                                TaskWeights.Print.of(
                                        print.sha256, (long) print.size, print.values)));
        return new TaskWeights(task, kept);
    }

    /** Returns whether it has any values, without which a kinship is not to be told. */
    boolean hasValues() {
        return prints.values().stream().anyMatch(print -> print.values.length > 0);
    }

    /** Returns the checksums alone, which are enough to know the same weights again. */
    Fingerprint withoutValues() {
        Map<String, Print> bare = new LinkedHashMap<>();
        prints.forEach((name, print) -> bare.put(name, print.withoutValues()));
        return new Fingerprint(bare);
    }

    /**
     * Returns the parameters that train here and have other values than there, or are not there.
     */
    public List<String> differing(Fingerprint other) {
        List<String> names = new ArrayList<>();
        prints.forEach(
                (name, print) -> {
                    Print there = other.prints.get(name);
                    if (print.trains && (there == null || !there.sha256.equals(print.sha256))) {
                        names.add(name);
                    }
                });
        return names;
    }

    /**
     * Returns which of some parameters of a block hold the values that they had here in their first
     * rows, and how many rows those are: a head that has got more classes.
     */
    public Map<String, Long> grown(Block block, List<String> names) {
        ParameterList parameters = block.getParameters();
        Map<String, Long> grown = new LinkedHashMap<>();
        for (String name : names) {
            Print before = prints.get(name);
            NDArray now = parameters.get(name).getArray();
            if (before != null && before.size < now.size()) {
                Checksums.grownFrom(before.sha256, now).ifPresent(rows -> grown.put(name, rows));
            }
        }
        return grown;
    }

    /**
     * Returns how much the weights have in common, about 0 for models that were initialised apart
     * and 1 where any parameter is equal: the correlation of the values, each parameter by its
     * size. Those without variance, such as fresh biases, and those of another size, such as a head
     * that has grown, say nothing.
     */
    double kinship(Fingerprint other) {
        double common = 0;
        double all = 0;
        for (Map.Entry<String, Print> entry : prints.entrySet()) {
            Print here = entry.getValue();
            Print there = other.prints.get(entry.getKey());
            if (there == null || here.size != there.size) {
                continue;
            }
            double correlation = correlation(here, there);
            if (!Double.isNaN(correlation)) {
                if (here.sha256.equals(there.sha256)) {
                    return 1;
                }
                common += correlation * here.size;
                all += here.size;
            }
        }
        return all == 0 ? 1 : common / all;
    }

    /** Returns NaN where there is no variance. */
    private static double correlation(Print here, Print there) {
        int count = Math.min(here.values.length, there.values.length);
        double hereMean = mean(here.values);
        double thereMean = mean(there.values);
        double product = 0;
        double hereSquares = 0;
        double thereSquares = 0;
        for (int i = 0; i < count; i++) {
            double x = here.values[i] - hereMean;
            double y = there.values[i] - thereMean;
            product += x * y;
            hereSquares += x * x;
            thereSquares += y * y;
        }
        return product / Math.sqrt(hereSquares * thereSquares);
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static final class Print {

        private final String sha256;
        private final boolean trains;
        private final double size;
        private final float[] values;

        Print(String sha256, boolean trains, double size, float[] values) {
            this.sha256 = sha256;
            this.trains = trains;
            this.size = size;
            this.values = values;
        }

        static Print of(NDArray array, boolean trains) {
            return new Print(Checksums.of(array), trains, (double) array.size(), some(array));
        }

        Print withoutValues() {
            return new Print(sha256, trains, size, new float[0]);
        }

        /** Values at equal distances; none of what is no float32. */
        private static float[] some(NDArray array) {
            if (array.getDataType() != DataType.FLOAT32 || array.size() == 0) {
                return new float[0];
            }
            ByteBuffer bytes = array.toByteBuffer().order(ByteOrder.nativeOrder());
            FloatBuffer all = bytes.asFloatBuffer();
            int count = Math.min(VALUES, all.remaining());
            float[] some = new float[count];
            for (int i = 0; i < count; i++) {
                some[i] = all.get((int) ((long) i * all.remaining() / count));
            }
            return some;
        }
    }
}
