package dev.engram.prompttuning;

import dev.engram.api.EngramException;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The settings of the strategies of this plug-in. */
final class PromptSettings {

    static final Setting<Integer> LENGTH =
            Setting.integer(
                    "length", 20, 1, 4096, "How many vectors a prompt, or a layer's prefix, has.");
    static final Setting<Optional<String>> AFTER =
            Setting.optionalText(
                    "after",
                    "the path of a child of a sequence, such as 01TrainableWordEmbedding",
                    "Names the child that gives the embeddings that prompts are put in front of;"
                            + " found by itself unless set.");
    static final Setting<Optional<String>> UNTIL =
            Setting.optionalText(
                    "until",
                    "the path of a later child of the same sequence",
                    "Names the child after which prompts are cut off again; found by itself unless"
                            + " set.");
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
    static final Setting<List<String>> TOKENS =
            Setting.list(
                    "tokens",
                    List.of(),
                    "ids of tokens, separated by commas",
                    "Which token embeddings prompts start from; some at random if none is named.");
    static final Setting<Optional<Double>> DEVIATION =
            Setting.optionalNumber(
                    "deviation",
                    1e-9,
                    1e3,
                    "Standard deviation of random numbers; that of the token embeddings unless"
                            + " set.");
    static final Setting<Reparametrisation> REPARAMETRISATION =
            Setting.choice(
                    "reparametrisation",
                    Reparametrisation.NONE,
                    "Whether a small network computes what the model sees.");
    static final Setting<Optional<Integer>> HIDDEN =
            Setting.optionalInteger(
                    "hidden", 1, 65_536, "Width of that network; that of the vectors unless set.");
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
        return List.copyOf(all);
    }

    static PromptIsolation read(PromptMethod method, Settings settings) {
        PromptIsolation.Builder builder = new PromptIsolation.Builder(method);
        builder.optLength(settings.get(LENGTH))
                .optOwned(settings.get(OWNED))
                .optDeviation(settings.get(DEVIATION).orElse(0.0));
        if (method != PromptMethod.PREFIX_TUNING) {
            builder.optAfter(settings.get(AFTER).orElse(Targets.AUTO))
                    .optUntil(settings.get(UNTIL).orElse(Targets.AUTO))
                    .optInitialisation(settings.get(INITIALISE))
                    .optTokens(ids(settings.get(TOKENS)));
        }
        if (method == PromptMethod.PROMPT_POOL) {
            boolean isContinued = settings.get(START) == Start.CONTINUED;
            builder.optPool(
                    settings.get(SIZE), settings.get(SELECTED), settings.get(PULL), isContinued);
        } else {
            builder.optReparametrisation(
                    settings.get(REPARAMETRISATION), settings.get(HIDDEN).orElse(0));
        }
        return builder.build();
    }

    /** States what another process must share to read a task: shapes, and how they are used. */
    static Map<String, String> stated(PromptDesign design) {
        Map<String, String> stated = new TreeMap<>();
        put(stated, LENGTH, design.length());
        put(stated, OWNED, design.owned());
        if (design.method() != PromptMethod.PREFIX_TUNING) {
            stated.put(AFTER.key(), design.after());
            stated.put(UNTIL.key(), design.until());
        }
        if (design.method() == PromptMethod.PROMPT_POOL) {
            put(stated, SIZE, design.pool().size());
            put(stated, SELECTED, design.pool().selected());
        } else {
            put(stated, REPARAMETRISATION, design.reparametrisation());
            stated.put(HIDDEN.key(), String.valueOf(design.hidden()));
        }
        return stated;
    }

    private static <T> void put(Map<String, String> text, Setting<T> setting, T value) {
        text.put(setting.key(), setting.format(value));
    }

    private static List<Integer> ids(List<String> texts) {
        try {
            return texts.stream().map(Integer::valueOf).toList();
        } catch (NumberFormatException e) {
            throw new EngramException(
                    "tokens = \"%s\" is not acceptable: write %s"
                            .formatted(String.join(", ", texts), TOKENS.accepts()),
                    e);
        }
    }

    /** What a task's pool starts with. */
    enum Start {
        CONTINUED,
        FRESH
    }
}
