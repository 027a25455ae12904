package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.overlay.OwnCopy;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.Targets;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.internal.update.WeightLayouts;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftLayer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes a task of an adapter. */
final class PeftImport {

    private final BaseModel base;
    private final PeftAdapter adapter;
    private final ModuleNames names;
    private final WeightLayouts layouts;
    private final List<String> problems = new ArrayList<>();

    PeftImport(BaseModel base, PeftAdapter adapter, ModuleNames names) {
        this.base = base;
        this.adapter = adapter;
        this.names = names;
        this.layouts = new WeightLayouts(base, new Targets(base));
    }

    LoraTask task(LoraIsolation lora) {
        Map<String, String> paths = names.requireAll(adapter);
        adapter.tensors().forEach(this::requireFinite);
        Map<String, NDArray> owned = owned();
        Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
        Map<String, WeightLayout> found = new LinkedHashMap<>();
        adapter.layers()
                .forEach(
                        (module, layer) ->
                                add(paths.getOrDefault(module, ""), layer, overlays, found));
        new SharedLayers(lora.shared(base), problems::add).check(overlays, owned);
        LoraParts parts = new LoraParts(owned.keySet());
        overlays.forEach(
                (path, overlay) ->
                        parts.add(
                                base,
                                path,
                                overlay,
                                found.getOrDefault(path, WeightLayout.OUTPUT_FIRST)));
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The adapter does not fit the model.\n  - " + String.join("\n  - ", problems));
        }
        LoraTask task = lora.task(base, parts.from(adapter.config(), names));
        owned.forEach(
                (path, value) ->
                        EngineMemory.write(
                                value, task.parameters().get(OwnCopy.name(path)).getArray()));
        return task;
    }

    private void requireFinite(String name, NDArray array) {
        try (NDArray zero = array.sub(array);
                NDArray size = zero.abs();
                NDArray sum = size.sum()) {
            if (sum.getFloat() != 0) {
                problems.add(
                        name
                                + " holds values that are not finite: the training that wrote it"
                                + " diverged");
            }
        }
    }

    private Map<String, NDArray> owned() {
        Map<String, NDArray> owned = new LinkedHashMap<>();
        adapter.saved()
                .forEach(
                        (path, value) ->
                                names.savedParameter(path).ifPresent(p -> own(owned, p, value)));
        return owned;
    }

    private void own(Map<String, NDArray> owned, String path, NDArray value) {
        Shape shape = shape(path);
        if (shape.equals(value.getShape())) {
            owned.put(path, value);
        } else {
            problems.add(
                    "%s has shape %s in the model, but %s in the adapter"
                            .formatted(path, shape, value.getShape()));
        }
    }

    private void add(
            String path,
            PeftLayer layer,
            Map<String, ParameterOverlay> overlays,
            Map<String, WeightLayout> found) {
        WeightLayout layout = layout(path, layer);
        found.put(path, layout);
        Optional<ParameterOverlay> overlay =
                layer.ia3().isPresent()
                        ? rescaling(path, layer, layout)
                        : update(path, layer, layout).map(pair -> decomposed(pair, layer, layout));
        overlay.ifPresent(any -> overlays.put(path, any));
    }

    /** PEFT decides by the kind of the module; the flag in the file need not be that of all. */
    private WeightLayout layout(String path, PeftLayer layer) {
        if (layer.isEmbedding()) {
            return WeightLayout.EMBEDDING;
        }
        Shape shape = shape(path);
        long rows = shape.get(0);
        if (shape.dimension() != 2) {
            return WeightLayout.OUTPUT_FIRST;
        }
        if (rows != shape.get(1)) {
            return isFirst(layer, rows) ? WeightLayout.OUTPUT_FIRST : WeightLayout.INPUT_FIRST;
        }
        boolean isStated = adapter.config().fanInFanOut();
        return layouts.known(path)
                .filter(known -> known != WeightLayout.EMBEDDING)
                .orElseGet(() -> isStated ? WeightLayout.INPUT_FIRST : layouts.of(path));
    }

    /** Returns whether so many rows are as many as the layer's outputs. */
    private static boolean isFirst(PeftLayer layer, long rows) {
        if (layer.ia3().isPresent()) {
            return layer.isFeedforward() != (layer.ia3().get().size() == rows);
        }
        return layer.b().orElseThrow().getShape().get(0) == rows;
    }

    private Optional<LowRankUpdate> update(String path, PeftLayer layer, WeightLayout layout) {
        NDArray a = matrix(layer.a().orElseThrow());
        NDArray b = matrix(layer.b().orElseThrow());
        NDArray down = layout.isOutputFirst() ? a : b.transpose();
        NDArray up = layout.isOutputFirst() ? b : a.transpose();
        Shape shape = shape(path);
        long columns = shape.size() / shape.get(0);
        if (up.getShape().get(0) != shape.get(0) || down.getShape().get(1) != columns) {
            problems.add(
                    "%s: A %s and B %s make no update of %s with shape %s"
                            .formatted(
                                    layer.modulePath(),
                                    layer.a().get().getShape(),
                                    layer.b().get().getShape(),
                                    path,
                                    shape));
            return Optional.empty();
        }
        return Optional.of(new LowRankUpdate(kept(down), kept(up), (float) layer.scaling()));
    }

    private ParameterOverlay decomposed(
            LowRankUpdate update, PeftLayer layer, WeightLayout layout) {
        return layer.magnitude()
                .<ParameterOverlay>map(
                        magnitude -> new DecomposedUpdate(update, kept(magnitude), layout))
                .orElse(update);
    }

    private Optional<ParameterOverlay> rescaling(
            String path, PeftLayer layer, WeightLayout layout) {
        NDArray factors = kept(layer.ia3().orElseThrow().flatten());
        boolean inputs = layer.isFeedforward();
        if (factors.size() != Rescaling.count(shape(path), inputs, layout)) {
            problems.add(
                    "%s: %d factors for %s with shape %s"
                            .formatted(layer.modulePath(), factors.size(), path, shape(path)));
            return Optional.empty();
        }
        return Optional.of(
                new Rescaling(OwnParameters.trained("ia3_l", factors), true, inputs, layout));
    }

    private Shape shape(String path) {
        return base.parameters().get(path).getArray().getShape();
    }

    private static NDArray matrix(NDArray array) {
        return array.reshape(array.getShape().get(0), -1);
    }

    /** Transposed views would be saved as they lie in memory. */
    private NDArray kept(NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(base.manager());
        return copy;
    }
}
