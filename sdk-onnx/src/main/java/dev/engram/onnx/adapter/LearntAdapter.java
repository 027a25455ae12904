package dev.engram.onnx.adapter;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the adapter of a task that the strategy {@code lora} learnt over an {@code OnnxBlock}.
 *
 * <pre>{@code
 * Map<String, NDArray> tensors = listener.tasks(model).tensors("task-1", manager);
 * OnnxAdapter adapter = LearntAdapter.of(slots, tensors, alpha / rank);
 * OnnxAdapterFile.write(adapter, Path.of("task-1.onnx_adapter"));
 * }</pre>
 *
 * <p>The trainer of the task must be closed: only then are values that it trained on another device
 * than the model's where the registry reads them.
 *
 * <p>The slots must be those of the file that the block was read from, for every layer that uses an
 * adapted weight. What a task learnt beside pairs has no place in an adapter and is refused, never
 * left out.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LearntAdapter {

    private static final String A = "/lora_A";
    private static final String B = "/lora_B";

    private final AdapterSlots slots;
    private final Map<String, NDArray> tensors;
    private final String prefix;

    private LearntAdapter(AdapterSlots slots, Map<String, NDArray> tensors, String prefix) {
        this.slots = slots;
        this.tensors = tensors;
        this.prefix = prefix;
    }

    /**
     * Returns the adapter of a task of a model whose block is the {@code OnnxBlock} itself.
     *
     * @param tensors as {@code TaskRegistry.tensors} gives them; they are copied
     * @param scale of the update: {@code alpha / rank}, or {@code alpha / sqrt(rank)} if it was
     *     rank-stabilised
     * @throws EngramException if a tensor is no part of a pair, or a weight has no slot
     */
    public static OnnxAdapter of(AdapterSlots slots, Map<String, NDArray> tensors, double scale) {
        return of(slots, tensors, scale, "");
    }

    /**
     * Returns the adapter, like {@link #of(AdapterSlots, Map, double)}, of a block inside another.
     *
     * @param prefix of the names of the block's parameters in the model, such as {@code
     *     01OnnxBlock_}; tensors of other names, such as those of a head, are not part of the file
     *     and left out
     */
    public static OnnxAdapter of(
            AdapterSlots slots, Map<String, NDArray> tensors, double scale, String prefix) {
        return new LearntAdapter(slots, tensors, prefix).adapter(scale);
    }

    private OnnxAdapter adapter(double scale) {
        requireScale(scale);
        OnnxAdapter.Builder adapter = OnnxAdapter.builder(slots);
        for (String weight : weights()) {
            adapter.addUpdate(weight, matrix(weight + B), matrix(weight + A), scale);
        }
        return adapter.build();
    }

    private static void requireScale(double scale) {
        if (!Double.isFinite(scale) || scale <= 0) {
            throw new EngramException(
                    "The scale is %s: give what the task was trained with, alpha / rank"
                            .formatted(scale));
        }
    }

    private Set<String> weights() {
        Set<String> weights = new LinkedHashSet<>();
        List<String> others = new ArrayList<>();
        for (String name : tensors.keySet()) {
            if (name.startsWith(prefix) && (name.endsWith(A) || name.endsWith(B))) {
                weights.add(name.substring(prefix.length(), name.length() - A.length()));
            } else if (name.startsWith(prefix)) {
                others.add(name);
            }
        }
        requireOnlyPairs(weights, others);
        return weights;
    }

    private void requireOnlyPairs(Set<String> weights, List<String> others) {
        if (!others.isEmpty()) {
            throw new EngramException(
                    ("An adapter holds pairs of lora_A and lora_B only, and the task also learnt"
                         + " %s: train it with the strategy \"lora\" and owned = \"\"; for a block"
                         + " inside another, give the prefix of its parameters")
                            .formatted(others));
        }
        if (weights.isEmpty()) {
            throw new EngramException(
                    "No tensor is called %s...%s; seen: %s".formatted(prefix, A, tensors.keySet()));
        }
    }

    private FloatMatrix matrix(String name) {
        NDArray tensor = tensors.get(prefix + name);
        if (tensor == null) {
            throw new EngramException(
                    "The task has no %s%s, only the other of the pair; seen: %s"
                            .formatted(prefix, name, tensors.keySet()));
        }
        return FloatMatrix.of(tensor);
    }
}
