package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of what the optimizer did since the last time whatever belongs to earlier tasks, in
 * place on the device.
 */
final class ProjectedUpdates {

    private final NDManager owner;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, NDArray> values = new LinkedHashMap<>();
    private final Map<String, NDArray> references = new LinkedHashMap<>();

    /**
     * Prepares for a task.
     *
     * @param keepsReferences whether several steps are projected together
     */
    ProjectedUpdates(
            TrainingView training,
            ProjectionMemory memory,
            ProjectionRule rule,
            boolean keepsReferences) {
        owner = training.manager().newSubManager();
        owner.setName("projected updates");
        for (LiveParameter one : training.parameters()) {
            values.put(one.name(), one.value());
        }
        memory.layers().forEach((weight, layer) -> addLayer(layer, memory, rule));
        memory.elements().forEach((name, kept) -> addElements(name, kept, rule));
        if (keepsReferences) {
            parts.forEach(part -> part.names().forEach(this::keepReference));
        }
    }

    private void addLayer(Layer layer, ProjectionMemory memory, ProjectionRule rule) {
        NDArray weights = values.get(layer.weight());
        Covariance kept = memory.covariance(layer.weight());
        NDArray biases = bias(layer);
        if (kept == null || (weights == null && biases == null)) {
            return;
        }
        // Where the weight is frozen the bias may train alone.
        long width = weights == null ? kept.width() : layer.width(weights.getShape());
        if (kept.width() > width) {
            return;
        }
        try (NDManager work = owner.newSubManager()) {
            Removal removal = rule.removal(kept.widened(width, work), owner);
            parts.add(new MatrixPart(layer, width, removal, weights, biases));
        }
    }

    private @Nullable NDArray bias(Layer layer) {
        return layer.bias() == null ? null : values.get(layer.bias());
    }

    private void addElements(String name, NDArray kept, ProjectionRule rule) {
        NDArray value = values.get(name);
        if (value == null) {
            return;
        }
        try (NDManager work = owner.newSubManager()) {
            NDArray fitting =
                    kept.getShape().equals(value.getShape())
                            ? kept
                            : ProjectionMemory.grown(kept, value.getShape(), work);
            if (fitting != null) {
                parts.add(new ElementPart(name, rule.elementShares(fitting, owner), value));
            }
        }
    }

    private void keepReference(String name) {
        NDArray value = values.get(name);
        if (value != null) {
            references.put(name, EngineMemory.copy(value, owner));
        }
    }

    /** Projects what was done since the last time; only where references are kept. */
    void project() {
        project(references);
        references.forEach((name, kept) -> EngineMemory.write(value(name), kept));
    }

    /** Projects what was done since some values. */
    void project(Map<String, NDArray> before) {
        for (Part part : parts) {
            try (NDManager work = owner.newSubManager()) {
                Map<String, NDArray> changes = new LinkedHashMap<>();
                for (String name : part.names()) {
                    NDArray was = before.get(name);
                    if (was != null && values.containsKey(name)) {
                        NDArray change = value(name).sub(was);
                        change.attach(work);
                        changes.put(name, change);
                    }
                }
                part.takeOut(changes, work);
            }
        }
    }

    private NDArray value(String name) {
        NDArray value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }

    void close() {
        owner.close();
    }

    /** A parameter, or a weight with its bias. */
    private interface Part {

        List<String> names();

        void takeOut(Map<String, NDArray> changes, NDManager work);
    }

    private record MatrixPart(
            Layer layer,
            long width,
            Removal removal,
            @Nullable NDArray weights,
            @Nullable NDArray biases)
            implements Part {

        @Override
        public List<String> names() {
            List<String> names = new ArrayList<>();
            if (weights != null) {
                names.add(layer.weight());
            }
            if (biases != null && layer.bias() != null) {
                names.add(layer.bias());
            }
            return names;
        }

        @Override
        public void takeOut(Map<String, NDArray> changes, NDManager work) {
            NDArray bias = layer.bias() == null ? null : changes.get(layer.bias());
            boolean isWhole = changes.containsKey(layer.weight());
            if (isWhole || bias != null) {
                NDArray matrix =
                        isWhole
                                ? layer.matrix(changes, work)
                                : layer.matrixOfBias(Objects.requireNonNull(bias), width, work);
                NDArray taken = removal.from(matrix);
                taken.attach(work);
                layer.subtract(taken, weights, biases);
            }
        }
    }

    private record ElementPart(String name, NDArray shares, NDArray values) implements Part {

        @Override
        public List<String> names() {
            return List.of(name);
        }

        @Override
        public void takeOut(Map<String, NDArray> changes, NDManager work) {
            NDArray change = changes.get(name);
            if (change != null) {
                values.subi(change.muli(shares));
            }
        }
    }
}
