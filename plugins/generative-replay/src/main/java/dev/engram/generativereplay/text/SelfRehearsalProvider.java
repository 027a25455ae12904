package dev.engram.generativereplay.text;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A language model's own texts as a source of samples. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SelfRehearsalProvider extends DescribedProvider {

    private static final int MOST = 1_000_000;

    private static final Setting<Integer> TEXTS =
            Setting.integer(
                    "texts",
                    256,
                    1,
                    MOST,
                    "How many texts there are to rehearse: of all earlier tasks together, with keep"
                            + " of each. More keep more; each is written token by token, a"
                            + " forward pass for each.");
    private static final Setting<Optional<Integer>> LENGTH =
            Setting.optionalInteger(
                    "length",
                    2,
                    MOST,
                    "How many tokens a text has at most; as many as the samples unless set. Twice"
                            + " as long takes up to four times as long to write.");
    private static final Setting<Double> OVERSAMPLING =
            Setting.number(
                    "oversampling",
                    1.5,
                    1,
                    100,
                    "How many times as many texts are written as are rehearsed, to choose from.");
    private static final Setting<Double> TEMPERATURE =
            Setting.number(
                    "temperature",
                    1,
                    0.01,
                    100,
                    "Scores are divided by it before the next token is drawn; more writes more"
                            + " boldly.");
    private static final Setting<Integer> TOP =
            Setting.integer(
                    "top",
                    20,
                    0,
                    MOST,
                    "Among how many of the likeliest tokens the next one is drawn; 0: all.");
    private static final Setting<Double> UNLIKELY =
            Setting.number(
                    "unlikely",
                    0.1,
                    0,
                    0.9,
                    "Share left out of the texts, those that the model itself finds least likely.");
    private static final Setting<Integer> RUN =
            Setting.integer(
                    "run",
                    4,
                    1,
                    1000,
                    "How many tokens in a row make a run, by which repetition is told.");
    private static final Setting<Double> REPEATED =
            Setting.number(
                    "repeated",
                    0.3,
                    0,
                    1,
                    "Share of its runs that a text may have said before; others are left out.");
    private static final Setting<Double> SHARED =
            Setting.number(
                    "shared",
                    0.5,
                    0,
                    1,
                    "Share of their runs that two texts may have in common; of others one is left"
                            + " out.");
    private static final Setting<Integer> GROUPS =
            Setting.integer(
                    "groups",
                    20,
                    1,
                    10_000,
                    "Into how many groups texts are put by what the last layer sees of them"
                            + " (k-means); all of them are picked from in turn.");
    private static final Setting<List<String>> FIRST_TOKENS =
            Setting.list(
                    "first-tokens",
                    List.of(),
                    "names of tasks and token numbers, such as plays=65, chat=66",
                    "The tokens that samples of tasks begin with, which say what the model is to"
                            + " write.");
    private static final Setting<Optional<Integer>> START_TOKEN =
            Setting.optionalInteger(
                    "start-token",
                    0,
                    Integer.MAX_VALUE,
                    "The token that all other samples begin with; unless set texts begin anywhere,"
                            + " as samples do that are cut from longer ones.");
    private static final Setting<Optional<Integer>> PADDING =
            Setting.optionalInteger(
                    "padding",
                    0,
                    Integer.MAX_VALUE,
                    "A token that only fills samples up: it counts as no repetition.");
    private static final Setting<Boolean> ANSWERS =
            Setting.flag(
                    "answers",
                    false,
                    "Whether the texts go with what the model answered to them before the task"
                            + " began: der and der-plus-plus hold it to that. Texts times length"
                            + " times vocabulary numbers while a task trains.");
    private static final Setting<Boolean> KEEP =
            Setting.flag(
                    "keep",
                    false,
                    "Whether texts are written when a task ends and kept, as token numbers, for all"
                            + " later tasks; otherwise they are written anew before each task, and"
                            + " nothing is kept.");
    private static final Setting<Integer> LONGEST_COPY =
            Setting.integer(
                    "longest-copy",
                    7,
                    0,
                    MOST,
                    "With keep: how many tokens in a row a text may have in common with a sample of"
                            + " the task, of those that the listener has when it ends; 0: any"
                            + " number. Tokens that are characters need some fifty.");
    private static final Setting<Long> SEED =
            Setting.wholeNumber(
                    "seed", 1, Long.MIN_VALUE, Long.MAX_VALUE, "Seed of all that is drawn.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public SelfRehearsalProvider() {
        super(
                "self-rehearsal",
                "For language models: rehearses texts that the model wrote itself before the task,"
                        + " and keeps none.",
                Set.of(Role.SOURCE),
                Set.of());
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(
                TEXTS,
                LENGTH,
                OVERSAMPLING,
                TEMPERATURE,
                TOP,
                UNLIKELY,
                RUN,
                REPEATED,
                SHARED,
                GROUPS,
                FIRST_TOKENS,
                START_TOKEN,
                PADDING,
                ANSWERS,
                KEEP,
                LONGEST_COPY,
                SEED);
    }

    @Override
    public Strategy create(Settings settings) {
        SelfRehearsalBuilder builder =
                SelfRehearsal.builder()
                        .optTexts(settings.get(TEXTS))
                        .optOversampling(settings.get(OVERSAMPLING))
                        .optTemperature(settings.get(TEMPERATURE))
                        .optTop(settings.get(TOP))
                        .optUnlikely(settings.get(UNLIKELY))
                        .optRun(settings.get(RUN))
                        .optRepeated(settings.get(REPEATED))
                        .optShared(settings.get(SHARED))
                        .optGroups(settings.get(GROUPS))
                        .optAnswers(settings.get(ANSWERS))
                        .optKeep(settings.get(KEEP))
                        .optLongestCopy(settings.get(LONGEST_COPY))
                        .optSeed(settings.get(SEED));
        settings.get(FIRST_TOKENS).forEach(one -> add(one, builder));
        settings.get(LENGTH).ifPresent(builder::optLength);
        settings.get(START_TOKEN).ifPresent(builder::optStartToken);
        settings.get(PADDING).ifPresent(builder::optPadding);
        return Strategy.of(builder.build());
    }

    private static void add(String taskAndToken, SelfRehearsalBuilder builder) {
        int at = taskAndToken.lastIndexOf('=');
        try {
            String token = taskAndToken.substring(at + 1).trim();
            builder.optFirstToken(taskAndToken.substring(0, at).trim(), Integer.parseInt(token));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new InvalidOptionException(
                    "first-tokens: \"%s\" is no task and token: write %s"
                            .formatted(taskAndToken, FIRST_TOKENS.accepts()));
        }
    }
}
