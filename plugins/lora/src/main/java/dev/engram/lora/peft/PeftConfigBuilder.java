package dev.engram.lora.peft;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds the configuration of an adapter that Engram trained. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftConfigBuilder {

    private static final Gson GSON = new Gson();

    private final Map<String, Object> values = new LinkedHashMap<>();

    private PeftConfigBuilder(String peftType) {
        values.put("peft_type", peftType);
        values.put("inference_mode", true);
    }

    static PeftConfigBuilder lora(int rank, double alpha) {
        PeftConfigBuilder builder = new PeftConfigBuilder(PeftConfig.LORA);
        builder.values.put("r", rank);
        builder.values.put("lora_alpha", shortest(alpha));
        return builder;
    }

    static PeftConfigBuilder ia3() {
        return new PeftConfigBuilder(PeftConfig.IA3).optFeedforwardModules(List.of());
    }

    // PEFT's own files hold whole numbers.
    private static Number shortest(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? (Number) (long) value : value;
    }

    /** Sets the name or path of the base model; PEFT may load it by this name. */
    public PeftConfigBuilder optBaseModel(String name) {
        return put("base_model_name_or_path", name);
    }

    /** Sets the task type, such as {@code SEQ_CLS}. */
    public PeftConfigBuilder optTaskType(String taskType) {
        return put("task_type", taskType);
    }

    /** Sets the adapted modules, by path or by the end of the path. */
    public PeftConfigBuilder setTargetModules(List<String> modules) {
        return put("target_modules", modules);
    }

    /** Sets the modules that are stored as a whole. */
    public PeftConfigBuilder optModulesToSave(List<String> modules) {
        return put("modules_to_save", modules);
    }

    /** Sets the IA³ modules whose input is scaled, not the output. */
    public PeftConfigBuilder optFeedforwardModules(List<String> modules) {
        return put("feedforward_modules", modules);
    }

    /** Divides alpha by the root of the rank. */
    public PeftConfigBuilder optRankStabilized(boolean stabilized) {
        return put("use_rslora", stabilized);
    }

    /** States that each module has a magnitude. */
    public PeftConfigBuilder optDora(boolean dora) {
        return put("use_dora", dora);
    }

    /** Sets the dropout with which the adapter was trained. */
    public PeftConfigBuilder optDropout(double dropout) {
        return put("lora_dropout", dropout);
    }

    /** States that the base keeps its weights as (in, out). */
    public PeftConfigBuilder optFanInFanOut(boolean swapped) {
        return put("fan_in_fan_out", swapped);
    }

    /** States which biases are stored: {@code none}, {@code all} or {@code lora_only}. */
    public PeftConfigBuilder optBias(String bias) {
        return put("bias", bias);
    }

    /** Sets ranks that differ, by the name or regular expression of the module. */
    public PeftConfigBuilder optRankPattern(Map<String, Integer> ranks) {
        return put("rank_pattern", ranks);
    }

    /** Sets alphas that differ, by the name or regular expression of the module. */
    public PeftConfigBuilder optAlphaPattern(Map<String, Double> alphas) {
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

    private PeftConfigBuilder put(String key, Object value) {
        values.put(key, value);
        return this;
    }
}
