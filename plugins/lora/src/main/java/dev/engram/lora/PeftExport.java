package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.djl.isolation.Detached;
import dev.engram.djl.isolation.ParameterOverlay;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftAdapterBuilder;
import dev.engram.lora.peft.PeftConfig;
import dev.engram.lora.peft.PeftConfigBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes an adapter of a task. */
final class PeftExport {

    private final BaseModel base;
    private final NDManager scope;
    private final ModuleNames names;
    private final Map<String, LowRankUpdate> updates = new LinkedHashMap<>();
    private final Map<String, DecomposedUpdate> decomposed = new LinkedHashMap<>();
    private final Map<String, Rescaling> rescalings = new LinkedHashMap<>();
    private final Map<String, NDArray> owned = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * Looks at a task.
     *
     * @param scope owns what is made on the way
     */
    PeftExport(BaseModel base, LoraTask task, NDManager scope) {
        this.base = base;

        this.scope = scope;
        this.names = ModuleNames.of(base.block());
        for (Pair<String, Parameter> own : task.parameters()) {
            String path = own.getKey().substring(0, own.getKey().lastIndexOf('/'));
            sort(path, task.overlay(path), own.getValue());
        }
    }

    PeftAdapter adapter(String baseModel) {
        List<String> weights = new ArrayList<>(updates.keySet());
        weights.addAll(rescalings.keySet());
        Map<String, String> modules = names.requirePaths(weights);
        if (updates.isEmpty() == rescalings.isEmpty()) {
            problems.add("an adapter has either low-rank updates or factors");
        }
        PeftConfigBuilder config =
                config().setTargetModules(List.copyOf(modules.values())).optBaseModel(baseModel);
        Map<String, NDArray> saved = saved(config);
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "PEFT has no form for this task.\n  - " + String.join("\n  - ", problems));
        }
        PeftAdapterBuilder adapter = PeftAdapter.builder(config.build());
        updates.forEach(
                (path, update) ->
                        adapter.addLora(
                                modules.getOrDefault(path, ""),
                                in(update.down()),
                                in(update.up())));
        decomposed.forEach(
                (path, overlay) ->
                        adapter.addMagnitude(
                                modules.getOrDefault(path, ""), in(overlay.magnitude()).flatten()));
        rescalings.forEach(
                (path, scaling) -> adapter.addIa3(modules.getOrDefault(path, ""), vector(scaling)));
        saved.forEach(adapter::addSaved);
        return adapter.build();
    }

    private PeftConfigBuilder config() {
        if (updates.isEmpty()) {
            List<String> inputs =
                    rescalings.entrySet().stream()
                            .filter(entry -> entry.getValue().scalesInputs())
                            .map(entry -> names.modulePathOf(entry.getKey()).orElse(""))
                            .toList();
            return PeftConfig.ia3().optFeedforwardModules(inputs);
        }
        LowRankUpdate first = updates.values().iterator().next();
        int rank = Math.toIntExact(first.down().getArray().getShape().get(0));
        // PEFT divides alpha by the rank; whatever made the scale, this gives it again.
        return PeftConfig.lora(rank, (double) first.scale() * rank).optDora(!decomposed.isEmpty());
    }

    private void sort(String path, @Nullable ParameterOverlay overlay, Parameter own) {
        if (overlay instanceof StackedUpdate stacked) {
            updates.computeIfAbsent(path, any -> joined(stacked));
        } else if (overlay instanceof LowRankUpdate update) {
            updates.put(path, update);
        } else if (overlay instanceof DecomposedUpdate both) {
            updates.put(path, both.update());
            decomposed.put(path, both);
        } else if (overlay instanceof Rescaling scaling) {
            rescalings.put(path, scaling);
        } else {
            owned.put(path, own.getArray());
        }
        if (overlay != null && base.parameters().get(path).getArray().getShape().dimension() != 2) {
            problems.add(path + " is no matrix; its update was not tried with PEFT");
        }
    }

    /** The sum of all updates so far, as one pair. */
    private LowRankUpdate joined(StackedUpdate stacked) {
        NDList downs = new NDList();
        NDList ups = new NDList();
        stacked.pairs(
                (down, up) -> {
                    downs.add(in(down));
                    ups.add(in(up));
                });
        return new LowRankUpdate(
                NDArrays.concat(downs, 0), NDArrays.concat(ups, 1), stacked.scale(), 0);
    }

    /** PEFT keeps whole modules: all parameters of a module, or none. */
    private Map<String, NDArray> saved(PeftConfigBuilder config) {
        Map<String, NDArray> saved = new LinkedHashMap<>();
        Set<String> modules = new LinkedHashSet<>();
        owned.forEach(
                (path, array) -> {
                    String named = names.parameterPathOf(path).orElse(path);
                    saved.put(named, array);
                    int dot = named.lastIndexOf('.');
                    modules.add(dot < 0 ? named : named.substring(0, dot));
                });
        config.optModulesToSave(List.copyOf(modules));
        return saved;
    }

    private NDArray vector(Rescaling scaling) {
        NDArray factors = in(scaling.factors());
        return scaling.scalesInputs() ? factors.reshape(1, -1) : factors.reshape(-1, 1);
    }

    private NDArray in(Parameter parameter) {
        return Detached.in(scope, parameter);
    }
}
