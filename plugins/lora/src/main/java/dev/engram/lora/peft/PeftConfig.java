package dev.engram.lora.peft;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an adapter, as {@code adapter_config.json} states it.
 *
 * <p>Keys that do not change what the adapter computes are kept as they were read and written back.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftConfig {

    static final String LORA = "LORA";
    static final String IA3 = "IA3";

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

    private final JsonObject json;

    private PeftConfig(JsonObject json) {
        this.json = json;
    }

    /**
     * Returns the configuration that a JSON object states.
     *
     * @throws EngramException naming every key whose value Engram does not carry out
     */
    static PeftConfig of(JsonObject json, String where) {
        List<String> problems = new ConfigCheck(json).problems();
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "%s asks for what Engram does not do; use another adapter, or save this one without it.\n  - %s"
                            .formatted(where, String.join("\n  - ", problems)));
        }
        return new PeftConfig(json);
    }

    /** Starts a LoRA configuration. */
    public static Builder lora(int rank, double alpha) {
        return Builder.lora(rank, alpha);
    }

    /** Starts an IA³ configuration. */
    public static Builder ia3() {
        return Builder.ia3();
    }

    /** Returns {@code LORA} or {@code IA3}. */
    public String peftType() {
        return json.get("peft_type").getAsString();
    }

    /** Returns the name of the model that the adapter was trained on, if it is stated. */
    public Optional<String> baseModel() {
        return text("base_model_name_or_path");
    }

    /** Returns the task type, such as {@code SEQ_CLS}, if it is stated. */
    public Optional<String> taskType() {
        return text("task_type");
    }

    /** Returns the rank of modules that no pattern matches; 8, PEFT's default, if not stated. */
    public int rank() {
        return (int) number("r", 8);
    }

    /** Returns the rank of one module. */
    public int rank(String modulePath) {
        return patterned("rank_pattern", modulePath).orElse((double) rank()).intValue();
    }

    /** Returns alpha for modules that no pattern matches; 8, PEFT's default, if not stated. */
    public double alpha() {
        return number("lora_alpha", 8);
    }

    /** Returns alpha of one module. */
    public double alpha(String modulePath) {
        return patterned("alpha_pattern", modulePath).orElse(alpha());
    }

    /** Returns the factor of {@code B·A} in one module: alpha by the rank or by its root. */
    public double scaling(String modulePath) {
        double rank = rank(modulePath);
        return alpha(modulePath) / (rankStabilized() ? Math.sqrt(rank) : rank);
    }

    /** Returns whether alpha is divided by the root of the rank. */
    public boolean rankStabilized() {
        return flag("use_rslora");
    }

    /** Returns whether each module has a magnitude of its own (DoRA). */
    public boolean dora() {
        return flag("use_dora");
    }

    /** Returns the dropout of the adapter's input while it is trained. */
    public double dropout() {
        return number("lora_dropout", 0);
    }

    /** Returns whether the base keeps its weights as (in, out), as GPT-2 does. */
    public boolean fanInFanOut() {
        return flag("fan_in_fan_out");
    }

    /** Returns which biases were trained: {@code none}, {@code all} or {@code lora_only}. */
    public String bias() {
        return text("bias").orElse("none");
    }

    /** Returns the names of the adapted modules; none if a pattern states them. */
    public List<String> targetModules() {
        return names("target_modules");
    }

    /** Returns the regular expression of the adapted modules, if they are not listed. */
    public Optional<String> targetPattern() {
        return text("target_modules");
    }

    /** Returns the modules that were trained and stored as a whole. */
    public List<String> modulesToSave() {
        return names("modules_to_save");
    }

    /** Returns the ranks that differ, by name or regular expression. */
    public Map<String, Integer> rankPattern() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        numbers("rank_pattern").forEach((key, value) -> ranks.put(key, value.intValue()));
        return ranks;
    }

    /** Returns the alphas that differ, by name or regular expression. */
    public Map<String, Double> alphaPattern() {
        return numbers("alpha_pattern");
    }

    /** Returns whether an IA³ vector scales the input of a module instead of its output. */
    public boolean feedforward(String modulePath) {
        return text("feedforward_modules")
                .map(pattern -> ModulePattern.matches(pattern, modulePath))
                .orElseGet(
                        () -> names("feedforward_modules").stream().anyMatch(modulePath::endsWith));
    }

    /** Returns the same configuration for a base of another name. */
    public PeftConfig withBaseModel(String name) {
        JsonObject copy = json.deepCopy();
        copy.addProperty("base_model_name_or_path", name);
        return new PeftConfig(copy);
    }

    /** Returns the JSON text, with keys in PEFT's order. */
    public String toJson() {
        return GSON.toJson(new TreeMap<>(json.asMap())) + "\n";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PeftConfig config && json.equals(config.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    @Override
    public String toString() {
        return toJson();
    }

    private Optional<JsonElement> value(String key) {
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    private Optional<String> text(String key) {
        return value(key).filter(JsonElement::isJsonPrimitive).map(JsonElement::getAsString);
    }

    private boolean flag(String key) {
        return value(key).map(JsonElement::getAsBoolean).orElse(false);
    }

    private double number(String key, double fallback) {
        return value(key).map(JsonElement::getAsDouble).orElse(fallback);
    }

    private List<String> names(String key) {
        return value(key)
                .filter(JsonElement::isJsonArray)
                .map(
                        array ->
                                StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                                        .map(JsonElement::getAsString)
                                        .toList())
                .orElse(List.of());
    }

    private Map<String, Double> numbers(String key) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        value(key)
                .map(JsonElement::getAsJsonObject)
                .map(JsonObject::asMap)
                .orElse(Map.of())
                .forEach((name, number) -> numbers.put(name, number.getAsDouble()));
        return numbers;
    }

    private Optional<Double> patterned(String key, String modulePath) {
        Map<String, Double> numbers = numbers(key);
        return ModulePattern.firstOf(numbers.keySet(), modulePath).map(numbers::get);
    }

    /** Builds the configuration of an adapter that Engram trained. */
    public static final class Builder {

        private static final Gson GSON = new Gson();

        private final Map<String, Object> values = new LinkedHashMap<>();

        private Builder(String peftType) {
            values.put("peft_type", peftType);
            values.put("inference_mode", true);
        }

        static Builder lora(int rank, double alpha) {
            Builder builder = new Builder(PeftConfig.LORA);
            builder.values.put("r", rank);
            builder.values.put("lora_alpha", shortest(alpha));
            return builder;
        }

        static Builder ia3() {
            return new Builder(PeftConfig.IA3).optFeedforwardModules(List.of());
        }

        // PEFT's own files hold whole numbers.
        private static Number shortest(double value) {
            return value == Math.rint(value) && Math.abs(value) < 1e9
                    ? (Number) (long) value
                    : value;
        }

        /** Sets the name or path of the base model; PEFT may load it by this name. */
        public Builder optBaseModel(String name) {
            return put("base_model_name_or_path", name);
        }

        /** Sets the task type, such as {@code SEQ_CLS}. */
        public Builder optTaskType(String taskType) {
            return put("task_type", taskType);
        }

        /** Sets the adapted modules, by path or by the end of the path. */
        public Builder setTargetModules(List<String> modules) {
            return put("target_modules", modules);
        }

        /** Sets the modules that are stored as a whole. */
        public Builder optModulesToSave(List<String> modules) {
            return put("modules_to_save", modules);
        }

        /** Sets the IA³ modules whose input is scaled, not the output. */
        public Builder optFeedforwardModules(List<String> modules) {
            return put("feedforward_modules", modules);
        }

        /** Divides alpha by the root of the rank. */
        public Builder optRankStabilized(boolean stabilized) {
            return put("use_rslora", stabilized);
        }

        /** States that each module has a magnitude. */
        public Builder optDora(boolean dora) {
            return put("use_dora", dora);
        }

        /** Sets the dropout with which the adapter was trained. */
        public Builder optDropout(double dropout) {
            return put("lora_dropout", dropout);
        }

        /** States that the base keeps its weights as (in, out). */
        public Builder optFanInFanOut(boolean swapped) {
            return put("fan_in_fan_out", swapped);
        }

        /** States which biases are stored: {@code none}, {@code all} or {@code lora_only}. */
        public Builder optBias(String bias) {
            return put("bias", bias);
        }

        /** Sets ranks that differ, by the name or regular expression of the module. */
        public Builder optRankPattern(Map<String, Integer> ranks) {
            return put("rank_pattern", ranks);
        }

        /** Sets alphas that differ, by the name or regular expression of the module. */
        public Builder optAlphaPattern(Map<String, Double> alphas) {
            return put("alpha_pattern", alphas);
        }

        /**
         * Returns the configuration.
         *
         * @throws EngramException naming every value that PEFT would not take
         */
        public PeftConfig build() {
            JsonObject json = new JsonObject();
            values.forEach((key, value) -> json.add(key, element(value)));
            return PeftConfig.of(json, "The configuration");
        }

        private static JsonElement element(Object value) {
            return GSON.toJsonTree(value);
        }

        private Builder put(String key, Object value) {
            values.put(key, value);
            return this;
        }
    }
}
