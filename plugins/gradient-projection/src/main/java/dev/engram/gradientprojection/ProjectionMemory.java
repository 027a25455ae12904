package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.shape.Growth;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept of all tasks: one matrix a layer, and one number for each other element. */
final class ProjectionMemory {

    private static final Logger LOG = LoggerFactory.getLogger(ProjectionMemory.class);
    private static final String MATRICES = "covariance";
    private static final String FACTORS = "factor";
    private static final String ELEMENTS = "elements";
    private static final String LAYERS = "layers";

    private final NDManager owner;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Map<String, Covariance> covariances = new LinkedHashMap<>();
    private final Map<String, NDArray> elements = new LinkedHashMap<>();

    /** Creates an empty one, which owns what it is given in a manager of its own. */
    ProjectionMemory(NDManager parent) {
        this.owner = parent.newSubManager();
        owner.setName("gradient projection");
    }

    boolean isEmpty() {
        return layers.isEmpty() && elements.isEmpty();
    }

    Map<String, Layer> layers() {
        return layers;
    }

    @Nullable Covariance covariance(String weight) {
        return covariances.get(weight);
    }

    Map<String, NDArray> elements() {
        return elements;
    }

    /** Returns a memory of these tasks and another one. */
    ProjectionMemory and(FoundInputs task, ProjectionRule rule, NDManager parent) {
        ProjectionMemory all = new ProjectionMemory(parent);
        try (NDManager work = parent.newSubManager()) {
            layers.forEach(all::put);
            task.layers()
                    .forEach((weight, layer) -> all.join(this, weight, layer, task, rule, work));
            task.elements().forEach((name, found) -> all.join(this, name, found, rule, work));
            covariances.forEach(
                    (weight, kept) ->
                            all.covariances.computeIfAbsent(weight, any -> kept.copy(all.owner)));
            elements.forEach(
                    (name, kept) ->
                            all.elements.computeIfAbsent(
                                    name, any -> EngineMemory.copy(kept, all.owner)));
        }
        return all;
    }

    private void put(String weight, Layer layer) {
        layers.put(weight, layer);
    }

    private void join(
            ProjectionMemory before,
            String weight,
            Layer layer,
            FoundInputs task,
            ProjectionRule rule,
            NDManager work) {
        Covariance found = task.covariance(weight);
        Covariance earlier = before.covariances.get(weight);
        if (earlier != null) {
            boolean isSame = layer.equals(before.layers.get(weight));
            boolean goesOn = isSame && earlier.width() <= found.width();
            earlier = goesOn ? earlier.widened(found.width(), work) : dropped(weight);
        }
        layers.put(weight, layer);
        covariances.put(weight, rule.joined(earlier, found, owner));
    }

    private static @Nullable Covariance dropped(String weight) {
        LOG.warn(
                "What earlier tasks feed into layer {} is NOT held any more: the layer has fewer"
                    + " inputs now, or the model says otherwise than before which axis of it they"
                    + " are on, or whether it has a bias.",
                weight);
        return null;
    }

    private void join(
            ProjectionMemory before,
            String name,
            NDArray found,
            ProjectionRule rule,
            NDManager work) {
        NDArray earlier = before.elements.get(name);
        if (earlier != null && !earlier.getShape().equals(found.getShape())) {
            earlier = grown(earlier, found.getShape(), work);
        }
        elements.put(name, rule.joinedElements(earlier, found, owner));
    }

    /** Returns what is kept of a parameter that has grown, null of another one. */
    static @Nullable NDArray grown(NDArray kept, Shape now, NDManager work) {
        if (!Growth.of(kept.getShape(), now)) {
            return null;
        }
        NDArray grown = Growth.among(kept, work.zeros(now));
        grown.attach(work);
        return grown;
    }

    void save(MemoryWriter memory) {
        StringJoiner lines = new StringJoiner("\n");
        layers.forEach(
                (weight, layer) ->
                        lines.add(
                                weight
                                        + "\t"
                                        + (layer.bias() == null ? "" : layer.bias())
                                        + "\t"
                                        + layer.isOutputFirst()));
        memory.text(LAYERS, lines.toString());
        covariances.forEach(
                (weight, kept) ->
                        memory.tensor(
                                kept.isFactor() ? FACTORS : MATRICES,
                                weight,
                                EngineMemory.copy(kept.matrix(), memory.manager())));
        elements.forEach(
                (name, kept) ->
                        memory.tensor(ELEMENTS, name, EngineMemory.copy(kept, memory.manager())));
    }

    void restore(MemoryReader memory) {
        memory.text(LAYERS)
                .ifPresent(
                        lines -> {
                            for (String line : lines.lines().toList()) {
                                String[] parts = line.split("\t", -1);
                                String bias = parts[1].isEmpty() ? null : parts[1];
                                layers.put(
                                        parts[0],
                                        new Layer(parts[0], bias, Boolean.parseBoolean(parts[2])));
                            }
                        });
        memory.tensors(MATRICES, owner)
                .forEach((name, kept) -> covariances.put(name, Covariance.of(kept, false)));
        memory.tensors(FACTORS, owner)
                .forEach((name, kept) -> covariances.put(name, Covariance.of(kept, true)));
        elements.putAll(memory.tensors(ELEMENTS, owner));
    }

    void close() {
        owner.close();
    }
}
