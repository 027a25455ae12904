package dev.engram.lora;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.overlay.OpaqueBase;
import dev.engram.kit.overlay.OverlayParametersBuilder;
import dev.engram.kit.overlay.Targets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Low-rank adaptation and its kin: each task has a small update of some weights (Hu et al. 2021).
 *
 * <p>On DJL's blocks, and any that ask their parameter store, the update is part of the forward
 * pass. TorchScript models ask nobody: there the updated weights are written into the model's
 * arrays before a pass, and the gradients carried over after it; the base's values are kept aside.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LoraIsolation implements ParameterIsolation {

    private final LoraSettings settings;
    private final Map<NDManager, OpaqueBase> opaque = new ConcurrentHashMap<>();
    private final Map<NDManager, SharedWeights> shared = new ConcurrentHashMap<>();

    LoraIsolation(LoraSettings settings) {
        this.settings = settings;
    }

    /** Returns a builder. */
    public static LoraIsolationBuilder builder() {
        return new LoraIsolationBuilder();
    }

    @Override
    public String name() {
        return settings.variant().id();
    }

    @Override
    public Map<String, String> settings() {
        return settings.stated();
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        Targets found = new Targets(base);
        SharedWeights shared = shared(base);
        WeightLayouts layouts = new WeightLayouts(base, found);
        List<String> owned = settings.owned(base, found);
        LoraParts parts = new LoraParts(owned.stream().map(shared::first).toList());
        for (String target : settings.targets(base, found, shared)) {
            String path = shared.first(target);
            if (!parts.contains(path)) {
                requireTrainable(base, path);
                WeightLayout layout = layouts.of(path);
                settings.requireFit(path, layout, found);
                parts.add(base, path, settings.over(base, path, layout), layout);
            }
        }
        shared.requireSeparate(parts.overlays().keySet());
        shared.requireSeparate(parts.owned());
        requireAny(parts, owned);
        return task(base, parts);
    }

    private void requireAny(LoraParts parts, List<String> owned) {
        if (parts.overlays().isEmpty()) {
            throw new EngramException(
                    "\"%s\" has nothing to adapt: each target (targets = \"%s\") is owned by the task as a whole (owned = \"%s\": %s). Name other weights in targets, or set owned to \"\" or to the head alone"
                            .formatted(name(), settings.targets(), settings.owned(), owned));
        }
    }

    /** Small steps are lost in half precision, and large gradients become infinite. */
    private void requireTrainable(BaseModel base, String path) {
        DataType type = base.parameters().get(path).getArray().getDataType();
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
            throw new EngramException(
                    "\"%s\" trains in float32, but %s holds %s: load a file that was saved as float32, or initialise the block with DataType.FLOAT32"
                            .formatted(name(), path, type));
        }
    }

    LoraTask task(BaseModel base, LoraParts parts) {
        OverlayParametersBuilder builder = new OverlayParametersBuilder(base);
        parts.overlays().forEach(builder::addOverlay);
        builder.addOwned(parts.owned());
        if (OpaqueBase.isOpaque(base.block())) {
            builder.optOpaque(arrays(base));
        } else if (!settings.isOverlayOnly()) {
            FastPath.Route route = FastPath.over(base, parts.overlays());
            builder.optBlock(route.block()).addComputed(route.computed());
        }
        return new LoraTask(builder.build(), parts, settings.orthogonality());
    }

    /** Finds which weights of a base layers share; for a TorchScript model once. */
    SharedWeights shared(BaseModel base) {
        if (!OpaqueBase.isOpaque(base.block())) {
            return SharedWeights.of(base);
        }
        SharedWeights known = shared.get(base.manager());
        if (known == null) {
            known = arrays(base).withBase(() -> SharedWeights.ofOpaque(base));
            shared.put(base.manager(), known);
        }
        return known;
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        return new LoraSum(base, weights).task(this);
    }

    @Override
    public <T> T withBase(BaseModel base, Supplier<T> work) {
        return OpaqueBase.isOpaque(base.block())
                ? arrays(base).withBase(work)
                : ParameterIsolation.super.withBase(base, work);
    }

    @Override
    public NDList forwardBase(BaseModel base, ForwardPass pass) {
        return OpaqueBase.isOpaque(base.block())
                ? arrays(base).forwardBase(base.block(), pass)
                : ParameterIsolation.super.forwardBase(base, pass);
    }

    @Override
    public void uninstall(BaseModel base) {
        OpaqueBase arrays = opaque.get(base.manager());
        if (arrays != null) {
            arrays.restore();
        }
    }

    private OpaqueBase arrays(BaseModel base) {
        return opaque.computeIfAbsent(base.manager(), manager -> new OpaqueBase(base));
    }
}
