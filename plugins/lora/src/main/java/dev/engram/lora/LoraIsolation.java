package dev.engram.lora;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.isolation.OpaqueBase;
import dev.engram.djl.isolation.OverlayParametersBuilder;
import dev.engram.djl.isolation.ParameterOverlay;
import dev.engram.djl.isolation.Targets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
        List<String> owned = settings.owned(base, found);
        Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
        for (String path : settings.targets(base, found)) {
            if (!owned.contains(path)) {
                found.use(path).ifPresent(use -> settings.variant().requireFit(path, use));
                overlays.put(path, settings.variant().over(settings, base, path));
                shareWithBias(base, path, overlays, owned);
            }
        }
        if (overlays.isEmpty()) {
            throw new EngramException(
                    "\"%s\" has nothing to adapt: each target is owned by the task as a whole (%s)"
                            .formatted(name(), owned));
        }
        return task(base, overlays, owned);
    }

    /** A factor for each output of a layer scales its bias, too. */
    static void shareWithBias(
            BaseModel base,
            String path,
            Map<String, ParameterOverlay> overlays,
            List<String> owned) {
        if (overlays.get(path) instanceof Rescaling scaling && !scaling.scalesInputs()) {
            String bias = path.replaceAll("weight$", "bias");
            if (!bias.equals(path) && base.parameters().contains(bias) && !owned.contains(bias)) {
                overlays.put(bias, scaling.ofBias());
            }
        }
    }

    LoraTask task(BaseModel base, Map<String, ParameterOverlay> overlays, List<String> owned) {
        OverlayParametersBuilder builder = new OverlayParametersBuilder(base);
        overlays.forEach(builder::addOverlay);
        builder.addOwned(owned);
        if (OpaqueBase.isOpaque(base.block())) {
            builder.optOpaque(arrays(base));
        } else if (!settings.isOverlayOnly()) {
            FastPath.Route route = FastPath.over(base, overlays);
            builder.optBlock(route.block()).addComputed(route.computed());
        }
        return new LoraTask(builder.build(), overlays, settings.orthogonality());
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        if (settings.variant() != LoraVariant.LORA) {
            return ParameterIsolation.super.combine(base, weights);
        }
        return new LoraSum(base, weights).task(this::task);
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
