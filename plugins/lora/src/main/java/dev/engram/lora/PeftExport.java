package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.OwnCopy;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.Targets;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.SharedWeights;
import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.internal.update.WeightLayouts;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes an adapter of a task. */
final class PeftExport {

    private final BaseModel base;
    private final NDManager scope;
    private final LoraTask task;
    private final ModuleNames names;
    private final Map<String, PeftModule> modules = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * Looks at a task.
     *
     * @param shared which weights of the base are those of several modules: PEFT has each apart
     * @param scope owns what is made on the way
     */
    PeftExport(BaseModel base, LoraTask task, SharedWeights shared, NDManager scope) {
        this.base = base;
        this.scope = scope;
        this.task = task;
        this.names =
                task.parts()
                        .origin()
                        .map(LoraParts.Origin::names)
                        .orElseGet(() -> ModuleNames.of(base.block()));
        WeightLayouts layouts = new WeightLayouts(base, new Targets(base));
        task.parts()
                .overlays()
                .forEach(
                        (path, overlay) -> {
                            if (!(overlay instanceof Rescaling scaling) || scaling.isOwner()) {
                                shared.paths(path)
                                        .forEach(alias -> add(path, alias, overlay, layouts));
                            }
                        });
    }

    private void add(String path, String alias, ParameterOverlay overlay, WeightLayouts layouts) {
        WeightLayout own = task.parts().layout(path);
        WeightLayout layout = alias.equals(path) ? own : layouts.of(alias);
        PeftModule module =
                new PeftModule(overlay, layout, base.parameters().get(path).getArray().getShape());
        if (own != layout && !module.isPair()) {
            problems.add(
                    "%s and %s share a weight, of which only one is stored by outputs"
                            .formatted(path, alias));
        }
        module.problem().ifPresent(text -> problems.add(alias + ": " + text));
        modules.put(alias, module);
    }

    PeftAdapter adapter(String baseModel) {
        Map<String, String> paths = names.requirePaths(modules.keySet());
        Map<String, PeftModule> byModule = new LinkedHashMap<>();
        modules.forEach((path, module) -> byModule.put(paths.getOrDefault(path, ""), module));
        PeftSaved saved = new PeftSaved(base, names, byModule.keySet());
        task.copies().forEach(path -> saved.add(path, copy(path)));
        problems.addAll(saved.problems());
        if (modules.values().stream().map(PeftModule::isLora).distinct().count() != 1) {
            problems.add("an adapter has either low-rank updates or factors");
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "PEFT has no form for this task.\n  - " + String.join("\n  - ", problems));
        }
        PeftConfig config =
                task.parts()
                        .origin()
                        .map(origin -> origin.config().withBaseModel(baseModel))
                        .orElseGet(() -> new PeftSettings(byModule).config(saved, baseModel));
        PeftAdapter.Builder adapter = PeftAdapter.builder(config);
        byModule.forEach((path, module) -> module.addTo(adapter, path, scope));
        boolean isWhole = task.parts().origin().isEmpty();
        saved.tensors(isWhole, scope).forEach(adapter::addSaved);
        return adapter.build();
    }

    private NDArray copy(String path) {
        return Detached.in(scope, task.parameters().get(OwnCopy.name(path)));
    }
}
