package dev.engram.generativereplay;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.generativereplay.internal.samples.Rehearsed;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/** Mixtures of Gaussians as a source of samples. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class MixtureProvider extends DescribedProvider {

    private static final double SHARE = 0.2;

    private static final int MOST = 1000;

    private static final Setting<Integer> COMPONENTS =
            Setting.integer(
                    "components", 10, 1, MOST, "How many Gaussians a class of a task has at most.");
    private static final Setting<Integer> RANK =
            Setting.integer(
                    "rank",
                    10,
                    1,
                    MOST,
                    "In how many directions each Gaussian extends at most. What is kept of a class"
                            + " is components times (rank + 1) inputs in half precision, and one in"
                            + " full.");
    private static final Setting<Integer> LEAST =
            Setting.integer(
                    "least-samples",
                    5,
                    2,
                    1_000_000,
                    "How many samples a class must have: nothing is kept of one with fewer, because"
                            + " what is drawn of it would nearly be one of them.");
    private static final Setting<Integer> GROUP =
            Setting.integer(
                    "group-samples",
                    20,
                    2,
                    1_000_000,
                    "How many samples each Gaussian of a class with several is fitted to at least."
                            + " A class with fewer has one, whose directions it shares with others"
                            + " of so few.");
    private static final Setting<Double> SPREAD =
            Setting.number(
                    "spread",
                    1.2,
                    0,
                    10,
                    "By what deviations are drawn longer than those that were seen, which makes up"
                            + " for the directions that are not kept.");
    private static final Setting<Integer> ANSWERS =
            Setting.integer(
                    "answers",
                    0,
                    0,
                    10_000_000,
                    "How many samples are made before a task begins, to be drawn from instead of"
                            + " new ones, with what the model answered to them then: der and"
                            + " der-plus-plus hold it to these.");
    private static final Setting<Long> SEED =
            Setting.wholeNumber(
                    "seed", 1, Long.MIN_VALUE, Long.MAX_VALUE, "Seed of fits and draws.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public MixtureProvider() {
        super(
                "mixture",
                "Rehearses samples drawn from mixtures of Gaussians of each class, and keeps none.",
                Set.of(Role.SOURCE),
                Set.of());
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return Rehearsed.and(List.of(COMPONENTS, RANK, LEAST, GROUP, SPREAD, ANSWERS, SEED), SHARE);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                MixtureReplay.builder()
                        .optComponents(settings.get(COMPONENTS))
                        .optRank(settings.get(RANK))
                        .optLeastSamples(settings.get(LEAST))
                        .optGroupSamples(settings.get(GROUP))
                        .optSpread(settings.get(SPREAD))
                        .optAnswers(Rehearsed.answers(settings, ANSWERS))
                        .optSeed(settings.get(SEED))
                        .build());
    }
}
