package dev.engram.lora;

import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.peft.PeftConfig;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Makes the configuration of an adapter that was trained here, from its modules by path. */
final class PeftSettings {

    private final Map<String, PeftModule> modules;

    PeftSettings(Map<String, PeftModule> modules) {
        this.modules = modules;
    }

    PeftConfig config(PeftSaved saved, String baseModel) {
        PeftConfig.Builder config = kind().setTargetModules(List.copyOf(modules.keySet()));
        config.optBaseModel(baseModel).optModulesToSave(saved.modules());
        if (saved.hasBiases()) {
            config.optBias("all");
        }
        if (has(WeightLayout.INPUT_FIRST)) {
            config.optFanInFanOut(true);
        }
        return config.build();
    }

    private boolean has(WeightLayout layout) {
        return modules.values().stream().anyMatch(module -> module.layout() == layout);
    }

    private PeftConfig.Builder kind() {
        PeftModule first = modules.values().iterator().next();
        if (!first.isLora()) {
            return PeftConfig.ia3()
                    .optFeedforwardModules(
                            modules.keySet().stream().filter(this::scalesInputs).toList());
        }
        // PEFT divides alpha by the rank; whatever made the scale, this gives it again.
        PeftConfig.Builder config =
                PeftConfig.lora(first.rank(), alpha(first)).optDora(first.isDecomposed());
        if (differ(PeftModule::rank)) {
            config.optRankPattern(pattern(PeftModule::rank));
        }
        if (differ(PeftSettings::alpha)) {
            config.optAlphaPattern(pattern(PeftSettings::alpha));
        }
        return config;
    }

    private boolean scalesInputs(String path) {
        PeftModule module = modules.get(path);
        return module != null && module.scalesInputs();
    }

    private static double alpha(PeftModule module) {
        return (double) module.scale() * module.rank();
    }

    private boolean differ(Function<PeftModule, ?> value) {
        return modules.values().stream().map(value).distinct().count() > 1;
    }

    /**
     * Names each module with its value: PEFT takes the first pattern that the end of a path
     * matches, so the longest comes first.
     */
    private <T> Map<String, T> pattern(Function<PeftModule, T> value) {
        Map<String, T> pattern = new LinkedHashMap<>();
        modules.entrySet().stream()
                .sorted(
                        Comparator.<Map.Entry<String, PeftModule>>comparingInt(
                                        entry -> entry.getKey().length())
                                .reversed())
                .forEach(
                        entry ->
                                pattern.put(
                                        entry.getKey().replaceAll("\\W", "\\\\$0"),
                                        value.apply(entry.getValue())));
        return pattern;
    }
}
