package dev.engram.djl.internal.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.SpiVersion;
import dev.engram.djl.internal.plugin.PartName;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DataTypeName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what the next generation will hold; the tensors must stay open until it is written. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class GenerationDraft {

    final Manifest manifest = new Manifest();
    final Map<String, Map<String, NDArray>> tensors = new LinkedHashMap<>();

    /** Begins a draft about a model's parameters and the tasks learnt. */
    public GenerationDraft(
            List<LearntTask> tasks, PairList<String, Parameter> parameters, Instant created) {
        this(tasks, created);
        for (Pair<String, Parameter> entry : parameters) {
            Manifest.ParameterShape kept = new Manifest.ParameterShape();
            kept.shape = entry.getValue().getArray().getShape().getShape();
            kept.dtype = DataTypeName.of(entry.getValue().getArray().getDataType());
            kept.sha256 = Checksums.of(entry.getValue().getArray());
            manifest.parameters.put(entry.getKey(), kept);
        }
    }

    /** Begins a draft about the same model as an earlier generation. */
    public GenerationDraft(List<LearntTask> tasks, Generation like, Instant created) {
        this(tasks, created);
        manifest.parameters.putAll(like.parameters());
        manifest.weights.addAll(like.weights());
    }

    private GenerationDraft(List<LearntTask> tasks, Instant created) {
        manifest.spiVersion = SpiVersion.CURRENT;
        manifest.created = created.toString();
        manifest.tasks.addAll(tasks);
    }

    /** States what is known of the weights after each task, in order. */
    public void weights(List<TaskWeights> known) {
        manifest.weights.clear();
        manifest.weights.addAll(known);
    }

    /**
     * Adds the running statistics with which a task was learnt.
     *
     * @param task its place among the tasks, from 0
     * @param values by path name
     */
    public void statistics(int task, Map<String, NDArray> values) {
        tensors.put(ManifestCheck.statisticsFile(task), Map.copyOf(values));
    }

    /**
     * Returns the writer for one guard; it refuses kinds of tensors that cannot be file names.
     *
     * @param guard its name
     * @param scratch closed by the caller when the generation is written
     * @throws EngramException if the name cannot be a file name
     */
    public MemoryWriter writer(String guard, NDManager scratch) {
        return writer(guard, GuardState.FIRST, scratch);
    }

    /**
     * As {@link #writer(String, NDManager)}, of a guard that states more.
     *
     * @param state what is known of what it will write
     */
    public MemoryWriter writer(String guard, GuardState state, NDManager scratch) {
        if (!state.equals(GuardState.FIRST)) {
            manifest.states.put(guard, state);
        }
        Map<String, String> texts = new LinkedHashMap<>();
        manifest.guards.put(PartName.require("A guard", guard), texts);
        return new MemoryWriter() {
            @Override
            public void text(String key, String value) {
                texts.put(key, value);
            }

            @Override
            public void tensor(String kind, String name, NDArray value) {
                String file = ManifestCheck.tensorFile(guard, kind);
                if (tensors.computeIfAbsent(file, k -> new LinkedHashMap<>()).put(name, value)
                        != null) {
                    throw new EngramException(
                            "Guard \"%s\" wrote two tensors \"%s\" of kind \"%s\": the second would replace the first; give each a name of its own"
                                    .formatted(guard, name, kind));
                }
            }

            @Override
            public NDManager manager() {
                return scratch;
            }
        };
    }
}
