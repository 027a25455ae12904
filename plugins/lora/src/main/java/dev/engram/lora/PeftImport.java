package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.djl.autograd.EngineMemory;
import dev.engram.djl.isolation.OwnCopy;
import dev.engram.djl.isolation.OwnParameters;
import dev.engram.djl.isolation.ParameterOverlay;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftLayer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a task of an adapter. */
final class PeftImport {

    private final BaseModel base;
    private final PeftAdapter adapter;
    private final ModuleNames names;
    private final List<String> problems = new ArrayList<>();

    PeftImport(BaseModel base, PeftAdapter adapter, ModuleNames names) {
        this.base = base;
        this.adapter = adapter;
        this.names = names;
    }

    LoraTask task(LoraIsolation lora) {
        Map<String, String> paths = names.requireAll(adapter);
        Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
        adapter.layers()
                .forEach((module, layer) -> add(overlays, paths.getOrDefault(module, ""), layer));
        Map<String, NDArray> owned = new LinkedHashMap<>();
        adapter.saved()
                .forEach(
                        (path, value) ->
                                names.savedParameter(path).ifPresent(p -> own(owned, p, value)));
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The adapter does not fit the model.\n  - " + String.join("\n  - ", problems));
        }
        LoraTask task = lora.task(base, overlays, List.copyOf(owned.keySet()));
        task.parameters().values().forEach(parameter -> parameter.freeze(true));
        owned.forEach(
                (path, value) ->
                        EngineMemory.write(
                                value, task.parameters().get(OwnCopy.name(path)).getArray()));
        return task;
    }

    private void add(Map<String, ParameterOverlay> overlays, String path, PeftLayer layer) {
        Parameter weight = base.parameters().get(path);
        if (layer.ia3().isPresent()) {
            addRescaling(overlays, path, weight, layer);
            return;
        }
        boolean isTransposed = layer.isEmbedding() || adapter.config().fanInFanOut();
        NDArray a = layer.a().orElseThrow();
        NDArray b = layer.b().orElseThrow();
        NDArray down = kept(isTransposed ? b.transpose() : matrix(a));
        NDArray up = kept(isTransposed ? a.transpose() : matrix(b));
        Shape shape = weight.getArray().getShape();
        long columns = shape.size() / shape.get(0);
        if (up.getShape().get(0) != shape.get(0) || down.getShape().get(1) != columns) {
            problems.add(
                    "%s: A %s and B %s make no update of %s with shape %s"
                            .formatted(
                                    layer.modulePath(), a.getShape(), b.getShape(), path, shape));
            return;
        }
        LowRankUpdate update = new LowRankUpdate(down, up, (float) layer.scaling(), 0);
        overlays.put(
                path,
                layer.magnitude().isEmpty()
                        ? update
                        : new DecomposedUpdate(
                                update, kept(layer.magnitude().get().reshape(-1, 1))));
    }

    private void addRescaling(
            Map<String, ParameterOverlay> overlays,
            String path,
            Parameter weight,
            PeftLayer layer) {
        NDArray factors = kept(layer.ia3().orElseThrow().flatten());
        Shape shape = weight.getArray().getShape();
        boolean inputs = layer.isFeedforward();
        long wanted = inputs ? shape.size() / shape.get(0) : shape.get(0);
        if (factors.size() != wanted) {
            problems.add(
                    "%s: %d factors for %s with shape %s"
                            .formatted(layer.modulePath(), factors.size(), path, shape));
            return;
        }
        overlays.put(path, new Rescaling(OwnParameters.trained("ia3_l", factors), true, inputs));
        LoraIsolation.shareWithBias(base, path, overlays, List.of());
    }

    private void own(Map<String, NDArray> owned, String path, NDArray value) {
        Shape shape = base.parameters().get(path).getArray().getShape();
        if (shape.equals(value.getShape())) {
            owned.put(path, value);
        } else {
            problems.add(
                    "%s has shape %s in the model, but %s in the adapter"
                            .formatted(path, shape, value.getShape()));
        }
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
