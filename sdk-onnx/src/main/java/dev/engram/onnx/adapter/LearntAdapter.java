package dev.engram.onnx.adapter;

import ai.djl.ndarray.NDList;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.onnx.internal.weights.SameBase;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the adapter of a task that the strategy {@code lora} or {@code o-lora} learnt over an
 * {@code OnnxBlock}.
 *
 * <pre>{@code
 * TaskRegistry tasks = listener.tasks(model);
 * OnnxAdapter adapter = LearntAdapter.of(slots, tasks, "task-1");
 * OnnxAdapterFile.write(adapter, Path.of("task-1.onnx_adapter"));
 * }</pre>
 *
 * <p>The scale of the updates ({@code alpha / rank}) comes from the task itself.
 *
 * <p>The trainer of the task must be closed: only then are values that it trained on another device
 * than the model's where the registry reads them.
 *
 * <p>The slots must be those of a file with the base's values: the one that the block was read
 * from, unless the base was trained since. An adapter answers as the task does in DJL or is
 * refused: where the values differ, where a weight is also used without a slot ({@link
 * AdapterSlots#unadapted}), and where the task learnt anything beside pairs.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LearntAdapter {

    private final AdapterSlots slots;
    private final Map<String, NDList> products = new LinkedHashMap<>();

    private LearntAdapter(AdapterSlots slots, Map<String, NDList> all, String prefix) {
        this.slots = slots;
        all.forEach(
                (path, factors) -> {
                    if (path.startsWith(prefix)) {
                        products.put(path.substring(prefix.length()), factors);
                    }
                });
        if (products.isEmpty()) {
            throw new EngramException(
                    "The task learnt no pair for a parameter %s...; its pairs are for %s"
                            .formatted(prefix, all.keySet()));
        }
    }

    /**
     * Returns the adapter of a task. The model's block is the {@code OnnxBlock} or has it inside.
     *
     * <p>What the task learnt of other blocks, such as a head behind the file's, is not part of the
     * file and left out.
     *
     * @throws EngramException if the block has no or several {@code OnnxBlock}s inside, if the task
     *     learnt anything of it that is no pair, if a weight has no slot, or is also used without
     *     one
     */
    public static OnnxAdapter of(AdapterSlots slots, TaskRegistry tasks, String task) {
        String prefix =
                tasks.read(task, (base, parameters) -> new OnnxBlockPath(base.block()).prefix());
        return of(slots, tasks, task, prefix);
    }

    /**
     * Returns the adapter, like {@link #of(AdapterSlots, TaskRegistry, String)}, of one block of
     * several.
     *
     * @param prefix of the names of the block's parameters in the model, such as {@code
     *     01OnnxBlock_}
     */
    public static OnnxAdapter of(
            AdapterSlots slots, TaskRegistry tasks, String task, String prefix) {
        return tasks.read(
                task,
                (base, parameters) -> {
                    try (var scope = base.manager().newSubManager()) {
                        Map<String, NDList> all = parameters.products(scope);
                        requireOnlyPairs(all, parameters.parameters().keys(), prefix);
                        LearntAdapter learnt = new LearntAdapter(slots, all, prefix);
                        learnt.requireTied(base.block().getParameters().keys(), prefix);
                        new SameBase(slots.file()).require(base.block().getParameters(), prefix);
                        return learnt.make();
                    }
                });
    }

    private static void requireOnlyPairs(
            Map<String, NDList> pairs, Collection<String> learnt, String prefix) {
        List<String> others =
                learnt.stream()
                        .filter(name -> name.startsWith(prefix))
                        .filter(name -> !pairs.containsKey(path(name)))
                        .toList();
        if (!others.isEmpty()) {
            throw new EngramException(
                    ("An adapter holds pairs of lora_A and lora_B only, and the task also learnt"
                         + " %s: train it with the strategy \"lora\" and owned = \"\"; where those"
                         + " belong to another block, give the prefix of the OnnxBlock's"
                         + " parameters")
                            .formatted(others));
        }
    }

    /** Returns the path of the weight that a parameter of a task is for. */
    private static String path(String parameter) {
        return parameter.substring(0, parameter.lastIndexOf('/'));
    }

    private OnnxAdapter make() {
        OnnxAdapter.Builder adapter = OnnxAdapter.builder(slots);
        products.forEach(
                (weight, factors) -> {
                    requireWhole(weight);
                    FloatMatrix left = FloatMatrix.of(factors.get(0));
                    adapter.addUpdate(weight, left, FloatMatrix.of(factors.get(1)), 1);
                });
        return adapter.build();
    }

    /** A block that untied aliases has tensors that are one matrix in the file. */
    private void requireTied(Collection<String> parameters, String prefix) {
        for (String weight : products.keySet()) {
            for (String alias : slots.aliases(weight)) {
                if (parameters.contains(prefix + alias)) {
                    throw new EngramException(
                            "The file has %s and %s as one matrix, and the block as two (optUntieAliases): a pair for one would change both. Read the block without untying, or write it as a file of its own first"
                                    .formatted(weight, alias));
                }
            }
        }
    }

    private void requireWhole(String weight) {
        List<String> unadapted = slots.unadapted(weight);
        if (!unadapted.isEmpty()) {
            throw new EngramException(
                    ("The task changed the weight %s wherever it is used, and an adapter would not"
                         + " change it for %s, so its outputs would be others than the task's: give"
                         + " every layer of the weight a slot, or leave it out of the targets")
                            .formatted(weight, unadapted));
        }
    }
}
