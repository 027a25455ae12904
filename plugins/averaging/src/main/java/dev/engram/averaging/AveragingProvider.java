package dev.engram.averaging;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/** Averages the weights of tasks. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AveragingProvider extends DescribedProvider {

    private static final Setting<AveragingRule> RULE =
            Setting.choice(
                    "rule",
                    AveragingRule.KL,
                    "How far the weights go from the old ones to the new: kl searches the line for"
                        + " the least sum of the new task's loss and the divergence from the old"
                        + " model's answers to the new task's samples, and keeps nothing; probes"
                        + " keeps a few samples of each task and searches for the least loss on"
                        + " them; inverse takes 1/t; fixed takes share; fisher weighs each weight"
                        + " by the tasks' squared gradients.");
    private static final Setting<Double> COST =
            Setting.number(
                    "cost",
                    0.05,
                    0,
                    1e9,
                    "With rule kl: by how much the new task's loss may rise, in units of the loss;"
                            + " where answers are no classes, as a share of its fall. More keeps"
                            + " more of earlier tasks that are like the new one, and costs more"
                            + " where they have nothing in common.");
    private static final Setting<Double> SHARE =
            Setting.number("share", 0.5, 0, 1, "With rule fixed: the share of the new weights.");
    private static final Setting<Integer> PROBES =
            Setting.integer(
                    "probes",
                    32,
                    1,
                    100_000,
                    "With rule probes: samples that are kept of each task.");
    private static final Setting<Double> EMA =
            Setting.number(
                    "ema",
                    0,
                    0,
                    0.999999,
                    "Above 0: what a task ends with is not its last weights but their moving"
                            + " average, v = ema v + (1 - ema) w after each step.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public AveragingProvider() {
        super(
                "averaging",
                "Averages the weights of before and after each task: nothing stored, a few passes"
                        + " at its end.",
                Set.of(Role.AVERAGING),
                Set.of(Role.AVERAGING, Role.ISOLATION));
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(RULE, COST, SHARE, PROBES, EMA);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                WeightAveraging.builder()
                        .optRule(settings.get(RULE))
                        .optCost(settings.get(COST))
                        .optShare(settings.get(SHARE))
                        .optProbes(settings.get(PROBES))
                        .optEma(settings.get(EMA))
                        .build());
    }
}
