package dev.engram.lora.peft;

import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.LayeredBlock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From PEFT's module paths to the parameters of a DJL block, and back.
 *
 * <p>The module of a parameter is its name without {@code .weight} in a TorchScript model, and
 * without {@code _weight} or {@code _embedding} in a DJL block: {@code
 * encoder.layer.0.attention.self.query} and {@code 02TransformerEncoderBlock_01selfAttention}. A
 * weight in an ONNX graph is known by the module that its node was exported from, where the
 * exporter renamed the weight itself. Where the two models have different outer modules, prefixes
 * say so: PEFT may know as {@code bert.encoder} what a traced model has as {@code encoder}.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ModuleNames {

    private static final List<String> ENDINGS = List.of(".weight", "_weight", "_embedding");

    private final String peftPrefix;
    private final String modelPrefix;
    private final Map<String, String> byPath = new LinkedHashMap<>();
    private final Map<String, String> byParameter = new LinkedHashMap<>();
    private final Map<String, String> told;

    private ModuleNames(
            Map<String, String> told,
            Collection<String> parameters,
            String peftPrefix,
            String modelPrefix) {
        this.told = told;
        this.peftPrefix = peftPrefix;
        this.modelPrefix = modelPrefix;
        parameters.forEach(this::add);
    }

    /**
     * Maps the parameters of a block.
     *
     * @throws EngramException if two parameters have one path
     */
    public static ModuleNames of(Block block) {
        Map<String, String> told = new LinkedHashMap<>();
        collect(block, "", told);
        return new ModuleNames(told, block.getParameters().keys(), "", "");
    }

    /**
     * Exporters rename weights, {@code onnx::MatMul_673}; then the graph's nodes tell the module.
     */
    private static void collect(Block block, String prefix, Map<String, String> told) {
        if (block instanceof LayeredBlock layered) {
            Map<String, List<String>> weights = new LinkedHashMap<>();
            for (String own : block.getDirectParameters().keys()) {
                layered.layerOf(own)
                        .map(LayerUse::module)
                        .filter(module -> !module.isEmpty() && !own.endsWith(".weight"))
                        .ifPresent(
                                m -> weights.computeIfAbsent(m, n -> new ArrayList<>()).add(own));
            }
            weights.forEach((module, own) -> tell(own, prefix, module, told));
        }
        block.getChildren()
                .forEach(child -> collect(child.getValue(), prefix + child.getKey() + "_", told));
    }

    /** A module with two matrices is none that PEFT adapts. */
    private static void tell(
            List<String> weights, String prefix, String module, Map<String, String> told) {
        if (weights.size() == 1) {
            told.put(prefix + weights.get(0), prefix + module + ".weight");
        }
    }

    /**
     * Maps parameters by their names in {@code block.getParameters()}.
     *
     * @throws EngramException if two parameters have one path
     */
    public static ModuleNames of(Collection<String> parameterNames) {
        return new ModuleNames(Map.of(), parameterNames, "", "");
    }

    /**
     * Returns the mapping for an adapter whose paths begin with one prefix where the parameters of
     * the block begin with another; either may be empty. Parameters without it are not mapped.
     */
    public ModuleNames withPrefixes(String peft, String model) {
        return new ModuleNames(told, byParameter.keySet(), peft, model);
    }

    private void add(String parameter) {
        String named = told.getOrDefault(parameter, parameter);
        if (!named.startsWith(modelPrefix)) {
            byParameter.put(parameter, "");
            return;
        }
        String path = peftPrefix + plain(named.substring(modelPrefix.length()));
        byParameter.put(parameter, path);
        String other = byPath.put(path, parameter);
        if (other != null && !other.equals(parameter)) {
            throw new EngramException(
                    "The parameters %s and %s have the same path %s: rename one of the blocks"
                            .formatted(other, parameter, path));
        }
    }

    /** Returns the path under which PEFT has a parameter: dotted before its last part. */
    private static String plain(String parameter) {
        int dot = parameter.lastIndexOf('.');
        int bar = parameter.lastIndexOf('_');
        for (String ending : ENDINGS) {
            if (parameter.endsWith(ending)) {
                return parameter.substring(0, parameter.length() - ending.length()) + ".weight";
            }
        }
        return dot >= 0 || bar < 0
                ? parameter
                : parameter.substring(0, bar) + "." + parameter.substring(bar + 1);
    }

    /** Returns the parameter that holds the weight of a module. */
    public Optional<String> parameterOf(String modulePath) {
        return savedParameter(modulePath + ".weight");
    }

    /** Returns the parameter with a path such as {@code classifier.bias}. */
    public Optional<String> savedParameter(String parameterPath) {
        return Optional.ofNullable(byPath.get(parameterPath));
    }

    /** Returns the path of the module whose weight a parameter is. */
    public Optional<String> modulePathOf(String parameter) {
        return parameterPathOf(parameter)
                .filter(path -> path.endsWith(".weight"))
                .map(path -> path.substring(0, path.length() - ".weight".length()));
    }

    /** Returns the path of a parameter as PEFT has it, such as {@code classifier.bias}. */
    public Optional<String> parameterPathOf(String parameter) {
        return Optional.ofNullable(byParameter.get(parameter)).filter(path -> !path.isEmpty());
    }

    /**
     * Returns the parameter of each layer of an adapter, by module path.
     *
     * @throws EngramException naming every module and saved parameter that the model has not
     */
    public Map<String, String> requireAll(PeftAdapter adapter) {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (String path : adapter.layers().keySet()) {
            parameterOf(path)
                    .ifPresentOrElse(
                            name -> found.put(path, name),
                            () -> missing.add(missing(path + ".weight")));
        }
        adapter.saved().keySet().stream()
                .filter(path -> savedParameter(path).isEmpty())
                .forEach(path -> missing.add(missing(path)));
        if (!missing.isEmpty()) {
            throw new EngramException(
                    "The adapter is for modules that the model has not; use its own base, or state"
                            + " prefixes.\n"
                            + "  - "
                            + String.join("\n  - ", missing));
        }
        return found;
    }

    /**
     * Returns the module path of each parameter.
     *
     * @throws EngramException naming every parameter that the model has not, or that is no weight
     *     of a module
     */
    public Map<String, String> requirePaths(Collection<String> parameters) {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (String parameter : parameters) {
            modulePathOf(parameter)
                    .ifPresentOrElse(
                            path -> found.put(parameter, path), () -> missing.add(parameter));
        }
        if (!missing.isEmpty()) {
            throw new EngramException(
                    "PEFT adapts the weights of modules; these parameters are none of the"
                            + " model's:\n"
                            + "  - "
                            + String.join("\n  - ", missing));
        }
        return found;
    }

    // The end of a path says which module it is; what stands before it is what often differs.
    private String missing(String path) {
        String end = path.substring(path.lastIndexOf('.', path.lastIndexOf('.') - 1) + 1);
        return byPath.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(end))
                .findFirst()
                .map(near -> "%s; one with this end is %s".formatted(path, near.getValue()))
                .orElse(path);
    }
}
