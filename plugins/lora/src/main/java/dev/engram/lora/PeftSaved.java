package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.Detached;
import dev.engram.lora.peft.ModuleNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a task has as whole copies, in PEFT's forms: whole modules, of which PEFT keeps all
 * parameters, and biases.
 */
final class PeftSaved {

    private static final String BIAS = ".bias";

    private final BaseModel base;
    private final ModuleNames names;
    private final Set<String> adapted;
    private final Map<String, NDArray> copies = new LinkedHashMap<>();
    private final Set<String> modules = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * Creates it empty.
     *
     * @param adapted paths of the modules that are adapted
     */
    PeftSaved(BaseModel base, ModuleNames names, Set<String> adapted) {
        this.base = base;
        this.names = names;
        this.adapted = adapted;
    }

    void add(String parameter, NDArray copy) {
        String path = names.parameterPathOf(parameter).orElse(parameter);
        copies.put(path, copy);
        String module = module(path);
        if (!path.endsWith(BIAS)) {
            modules.add(module);
            if (adapted.contains(module)) {
                problems.add(path + " is stored as a whole in a module that is also adapted");
            }
        }
    }

    List<String> problems() {
        return problems;
    }

    /** Returns the modules that are kept as a whole. */
    List<String> modules() {
        return List.copyOf(modules);
    }

    /** Returns whether there are biases of modules that are not kept as a whole. */
    boolean hasBiases() {
        return copies.keySet().stream().anyMatch(path -> !modules.contains(module(path)));
    }

    /**
     * Returns the tensors by PEFT's paths.
     *
     * @param isWhole whether to add what a task has not of the modules, from the base
     */
    Map<String, NDArray> tensors(boolean isWhole, NDManager scope) {
        Map<String, NDArray> all = new LinkedHashMap<>(copies);
        if (isWhole) {
            for (Pair<String, Parameter> entry : base.parameters()) {
                names.parameterPathOf(entry.getKey())
                        .filter(path -> modules.contains(module(path)))
                        .ifPresent(
                                path ->
                                        all.putIfAbsent(
                                                path, Detached.in(scope, entry.getValue())));
            }
        }
        return all;
    }

    private static String module(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? path : path.substring(0, dot);
    }
}
