package dev.engram.lora.peft;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds what in a configuration Engram cannot carry out.
 *
 * <p>A key that Engram does not know may stand for an option of a newer PEFT: it is accepted only
 * while it is off.
 */
final class ConfigCheck {

    /** Keys that say nothing about what a trained adapter computes. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "auto_mapping",
                    "base_model_class",
                    "eva_config",
                    "exclude_modules",
                    "inference_mode",
                    "init_ia3_weights",
                    "layers_pattern",
                    "layers_to_transform",
                    "megatron_core",
                    "parent_library",
                    "peft_version",
                    "qalora_group_size",
                    "revision",
                    "runtime_config");

    /** Starts that take a part out of the base weights: the adapter fits the changed base only. */
    private static final List<String> CHANGES_THE_BASE =
            List.of("pissa", "olora", "corda", "loftq", "lora_ga", "mica");

    private static final Map<String, Expected> KEYS =
            Map.ofEntries(
                    Map.entry("peft_type", Expected.oneOf(PeftConfig.LORA, PeftConfig.IA3)),
                    Map.entry("base_model_name_or_path", Expected.TEXT),
                    Map.entry("task_type", Expected.TEXT),
                    Map.entry("r", Expected.RANK),
                    Map.entry("lora_alpha", Expected.NUMBER),
                    Map.entry("lora_dropout", Expected.NUMBER),
                    Map.entry("use_rslora", Expected.FLAG),
                    Map.entry("use_dora", Expected.FLAG),
                    Map.entry("fan_in_fan_out", Expected.FLAG),
                    Map.entry("bias", Expected.oneOf("none", "all", "lora_only")),
                    Map.entry("target_modules", Expected.NAMES_OR_PATTERN),
                    Map.entry("feedforward_modules", Expected.NAMES_OR_PATTERN),
                    Map.entry("modules_to_save", Expected.NAMES),
                    Map.entry("rank_pattern", Expected.RANKS),
                    Map.entry("alpha_pattern", Expected.NUMBERS));

    private final JsonObject json;
    private final List<String> problems = new ArrayList<>();

    ConfigCheck(JsonObject json) {
        this.json = json;
    }

    List<String> problems() {
        if (!json.has("peft_type") || json.get("peft_type").isJsonNull()) {
            problems.add("peft_type is missing; LORA and IA3 are read");
        }
        json.asMap().forEach(this::check);
        return problems;
    }

    private void check(String key, JsonElement value) {
        Expected expected = KEYS.get(key);
        if (value.isJsonNull() || HARMLESS.contains(key)) {
            return;
        }
        if (key.equals("init_lora_weights")) {
            checkStart(value);
        } else if (expected == null && !isOff(value)) {
            problems.add(
                    "%s is %s; only adapters without it are read".formatted(key, shown(value)));
        } else if (expected != null && !expected.test.test(value)) {
            problems.add("%s is %s; it must be %s".formatted(key, shown(value), expected.text));
        }
    }

    private void checkStart(JsonElement value) {
        String start = value.isJsonPrimitive() ? value.getAsString() : shown(value);
        if (CHANGES_THE_BASE.stream().anyMatch(start::startsWith)) {
            problems.add(
                    ("init_lora_weights is %s, whose adapter fits no unchanged base; save it with"
                                    + " PEFT's path_initial_model_for_weight_conversion")
                            .formatted(start));
        }
    }

    private static boolean isOff(JsonElement value) {
        if (value.isJsonArray()) {
            return value.getAsJsonArray().isEmpty();
        }
        if (value.isJsonObject()) {
            return value.getAsJsonObject().isEmpty();
        }
        return Set.of("false", "0", "0.0", "").contains(value.getAsString());
    }

    private static String shown(JsonElement value) {
        String text = value.toString();
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    /** What the value of a key must be, and how that is said. */
    private record Expected(String text, Predicate<JsonElement> test) {

        static final Expected TEXT = new Expected("a text", Expected::isText);
        static final Expected FLAG =
                new Expected("true or false", v -> primitive(v, JsonPrimitive::isBoolean));
        static final Expected NUMBER = new Expected("a finite number", Expected::isNumber);
        static final Expected RANK =
                new Expected("a whole number from 1 to 65536", Expected::isRank);
        static final Expected NAMES = new Expected("a list of names", Expected::isNames);
        static final Expected NAMES_OR_PATTERN =
                new Expected("a list of names or a pattern", v -> isNames(v) || isText(v));
        static final Expected RANKS =
                new Expected("an object of names and ranks", v -> isObject(v, Expected::isRank));
        static final Expected NUMBERS =
                new Expected(
                        "an object of names and numbers", v -> isObject(v, Expected::isNumber));

        static Expected oneOf(String... names) {
            Set<String> allowed = Set.of(names);
            return new Expected(
                    "one of " + String.join(", ", names),
                    v -> isText(v) && allowed.contains(v.getAsString()));
        }

        private static boolean primitive(JsonElement value, Predicate<JsonPrimitive> test) {
            return value.isJsonPrimitive() && test.test(value.getAsJsonPrimitive());
        }

        private static boolean isText(JsonElement value) {
            return primitive(value, JsonPrimitive::isString);
        }

        private static boolean isNumber(JsonElement value) {
            return primitive(value, JsonPrimitive::isNumber)
                    && Double.isFinite(value.getAsDouble());
        }

        private static boolean isRank(JsonElement value) {
            return isNumber(value)
                    && value.getAsDouble() >= 1
                    && value.getAsDouble() <= 65_536
                    && value.getAsDouble() % 1 == 0;
        }

        private static boolean isNames(JsonElement value) {
            return value instanceof JsonArray array
                    && array.asList().stream().allMatch(Expected::isText);
        }

        private static boolean isObject(JsonElement value, Predicate<JsonElement> each) {
            return value instanceof JsonObject object
                    && object.asMap().values().stream().allMatch(each);
        }
    }
}
