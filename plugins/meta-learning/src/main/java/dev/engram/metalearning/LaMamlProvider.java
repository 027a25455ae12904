package dev.engram.metalearning;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.kit.provider.DescribedProvider;
import dev.engram.kit.rehearsal.RehearsalSettings;
import dev.engram.metalearning.internal.samples.TaskSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** La-MAML (Gupta et al. 2020, "Look-ahead meta learning for continual learning"). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class LaMamlProvider extends DescribedProvider {

    /** How fast step sizes are learnt, as users write it. */
    enum Scale {
        NORMALISED,
        RAW
    }

    private static final Setting<Integer> SAMPLES =
            Setting.integer(
                    "samples",
                    1000,
                    1,
                    Integer.MAX_VALUE,
                    "The most samples of earlier tasks that are kept, as many of each; while a task"
                            + " trains, its own share comes on top.");
    private static final Setting<Integer> SEED =
            Setting.integer(
                    "seed", 1, Integer.MIN_VALUE, Integer.MAX_VALUE, "Seed of choice and draws.");
    private static final Setting<Optional<String>> SOURCE =
            Setting.strategy(
                    "source",
                    Role.SOURCE,
                    "Takes samples from another strategy instead of keeping them itself (samples,"
                            + " seed, which then are not set); write settings of that strategy as"
                            + " id.key.");
    private static final Setting<Variant> VARIANT =
            Setting.choice(
                    "variant",
                    Variant.ASYNC,
                    "What step sizes scale: async, what the optimizer does; sync, only the step"
                            + " that is looked ahead.");
    private static final Setting<LookAhead> LOOK_AHEAD =
            Setting.choice(
                    "look-ahead",
                    LookAhead.STEP,
                    "Where the gradient is taken from which step sizes learn: step, behind the"
                            + " optimizer's own, for no further pass; pass, behind a step that is"
                            + " taken back, which costs another pass over the batch.");
    private static final Setting<Granularity> PER =
            Setting.choice(
                    "per",
                    Granularity.ELEMENT,
                    "Whether each element of a parameter has a step size, or each row.");
    private static final Setting<Double> INITIAL =
            Setting.number(
                    "initial",
                    1,
                    0,
                    1000,
                    "Where step sizes begin; 1 is the optimizer's own step.");
    private static final Setting<Double> MOST =
            Setting.number(
                    "most",
                    1,
                    0,
                    1e6,
                    "How large a step size may become: at 1 they only hold back; more learns"
                            + " faster, and forgot more in all that was tried.");
    private static final Setting<Double> STEP_RATE =
            Setting.number(
                    "step-rate", 0.03, 0, 1e9, "How fast step sizes are learnt; 0: not at all.");
    private static final Setting<Scale> SCALE =
            Setting.choice(
                    "scale",
                    Scale.NORMALISED,
                    "Whether step-rate is in units of the mean square's root of a parameter's"
                            + " derivatives, or multiplies them as they are.");
    private static final Setting<Double> INNER_RATE =
            Setting.number(
                    "inner-rate",
                    0.01,
                    0,
                    1000,
                    "With look-ahead = pass: the length of the step down the batch's gradient.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public LaMamlProvider() {
        super(
                "la-maml",
                "La-MAML: earlier samples train beside each batch and teach each weight how far it"
                        + " may move.",
                Set.of(Role.REHEARSAL, StepScaling.ROLE),
                Set.of(Role.REHEARSAL, Role.ISOLATION, StepScaling.ROLE));
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        List<Setting<?>> all = new ArrayList<>(List.of(SAMPLES, SEED, SOURCE));
        all.addAll(RehearsalSettings.shares());
        all.addAll(List.of(VARIANT, LOOK_AHEAD, PER, INITIAL, MOST, STEP_RATE, SCALE, INNER_RATE));
        return List.copyOf(all);
    }

    @Override
    public Strategy create(Settings settings) {
        return create(settings, StrategyParts.none());
    }

    @Override
    public Strategy create(Settings settings, StrategyParts parts) {
        return Strategy.of(
                LaMaml.builder()
                        .setSource(source(settings, parts))
                        .optMixing(RehearsalSettings.mixing(settings))
                        .optVariant(settings.get(VARIANT))
                        .optLookAhead(settings.get(LOOK_AHEAD))
                        .optPer(settings.get(PER))
                        .optBounds(settings.get(INITIAL), settings.get(MOST))
                        .optStepRate(
                                settings.get(STEP_RATE), settings.get(SCALE) == Scale.NORMALISED)
                        .optInnerRate(settings.get(INNER_RATE))
                        .build());
    }

    private static ReplaySource source(Settings settings, StrategyParts parts) {
        Optional<ReplaySource> named = parts.source(SOURCE);
        if (named.isPresent() && (settings.isSet(SAMPLES) || settings.isSet(SEED))) {
            throw new InvalidOptionException(
                    "source = %s keeps samples as it sees fit, so nothing would read samples and seed: leave them out, or write what %1$s has as %1$s.key"
                            .formatted(settings.get(SOURCE).orElse("")));
        }
        return named.orElseGet(() -> new TaskSamples(settings.get(SAMPLES), settings.get(SEED)));
    }
}
