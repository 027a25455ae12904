package dev.engram.prompttuning;

import dev.engram.api.EngramException;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings of the strategies of this plug-in. */
final class PromptSettings {

    static final Setting<Integer> LENGTH =
            Setting.integer(
                    "length", 20, 1, 4096, "How many vectors a prompt, or a layer's prefix, has.");
    static final Setting<String> AFTER =
            Setting.text(
                    "after",
                    Targets.AUTO,
                    "auto, or the path of a child of a sequence, such as 01TrainableWordEmbedding",
                    "Names the child that gives the embeddings that prompts are put in front of.");
    static final Setting<String> UNTIL =
            Setting.text(
                    "until",
                    Targets.AUTO,
                    "auto, or the path of a later child of the same sequence",
                    "Names the child after which prompts are cut off again.");
    static final Setting<String> OWNED =
            Setting.text(
                    "owned",
                    Targets.AUTO,
                    "auto, nothing, or patterns separated by commas: ends of names, regex:...,"
                            + " type:Linear",
                    "Of which parameters each task has a whole copy, such as its head.");
    static final Setting<Initialisation> INITIALISE =
            Setting.choice(
                    "initialise",
                    Initialisation.RANDOM,
                    "What prompts hold before they are trained.");
    static final Setting<String> TOKENS =
            Setting.text(
                    "tokens",
                    "",
                    "ids of tokens, separated by commas",
                    "Which token embeddings prompts start from; some at random if none is named.");
    static final Setting<Double> DEVIATION =
            Setting.number(
                    "deviation",
                    0,
                    0,
                    1e3,
                    "Standard deviation of random numbers; 0 for that of the token embeddings.");
    static final Setting<Reparametrisation> REPARAMETRISATION =
            Setting.choice(
                    "reparametrisation",
                    Reparametrisation.NONE,
                    "Whether a small network computes what the model sees.");
    static final Setting<Integer> HIDDEN =
            Setting.integer(
                    "hidden", 0, 0, 65_536, "Width of that network; 0 for that of the vectors.");
    static final Setting<Integer> SIZE =
            Setting.integer("size", 10, 1, 65_536, "How many prompts the pool has.");
    static final Setting<Integer> SELECTED =
            Setting.integer("selected", 5, 1, 4096, "How many of them each sample gets.");
    static final Setting<Double> PULL =
            Setting.number("pull", 0.5, 0, 1e6, "How strongly keys are drawn to samples; lambda.");
    static final Setting<Start> START =
            Setting.choice(
                    "start", Start.CONTINUED, "Whether a task goes on with the pool before it.");

    private PromptSettings() {}

    static List<Setting<?>> of(PromptMethod method) {
        List<Setting<?>> all = new ArrayList<>(List.of(LENGTH, OWNED, DEVIATION));
        if (method != PromptMethod.PREFIX_TUNING) {
            all.addAll(List.of(AFTER, UNTIL, INITIALISE, TOKENS));
        }
        if (method == PromptMethod.PROMPT_POOL) {
            all.addAll(List.of(SIZE, SELECTED, PULL, START));
        } else {
            all.addAll(List.of(REPARAMETRISATION, HIDDEN));
        }
        return all;
    }

    static PromptIsolation read(PromptMethod method, Settings settings) {
        PromptIsolationBuilder builder = new PromptIsolationBuilder(method);
        builder.optLength(settings.get(LENGTH))
                .optOwned(settings.get(OWNED))
                .optDeviation(settings.get(DEVIATION));
        if (method != PromptMethod.PREFIX_TUNING) {
            builder.optAfter(settings.get(AFTER))
                    .optUntil(settings.get(UNTIL))
                    .optInitialisation(settings.get(INITIALISE))
                    .optTokens(ids(settings.get(TOKENS)));
        }
        if (method == PromptMethod.PROMPT_POOL) {
            boolean isContinued = settings.get(START) == Start.CONTINUED;
            builder.optPool(
                    settings.get(SIZE), settings.get(SELECTED), settings.get(PULL), isContinued);
        } else {
            builder.optReparametrisation(settings.get(REPARAMETRISATION), settings.get(HIDDEN));
        }
        return builder.build();
    }

    /** States what another process must share to read a task: shapes, and how they are used. */
    static Map<String, String> stated(PromptDesign design) {
        Map<String, String> stated = new TreeMap<>();
        put(stated, LENGTH, design.length());
        put(stated, OWNED, design.owned());
        if (design.method() != PromptMethod.PREFIX_TUNING) {
            put(stated, AFTER, design.after());
            put(stated, UNTIL, design.until());
        }
        if (design.method() == PromptMethod.PROMPT_POOL) {
            put(stated, SIZE, design.pool().size());
            put(stated, SELECTED, design.pool().selected());
        } else {
            put(stated, REPARAMETRISATION, design.reparametrisation());
            put(stated, HIDDEN, design.hidden());
        }
        return stated;
    }

    private static <T> void put(Map<String, String> text, Setting<T> setting, T value) {
        text.put(setting.key(), setting.format(value));
    }

    private static List<Integer> ids(String text) {
        if (text.isBlank()) {
            return List.of();
        }
        try {
            return List.of(text.split(",", -1)).stream()
                    .map(id -> Integer.valueOf(id.strip()))
                    .toList();
        } catch (NumberFormatException e) {
            throw new EngramException(
                    "tokens = \"%s\" is not acceptable: write %s".formatted(text, TOKENS.accepts()),
                    e);
        }
    }

    /** What a task's pool starts with. */
    enum Start {
        CONTINUED,
        FRESH
    }
}
