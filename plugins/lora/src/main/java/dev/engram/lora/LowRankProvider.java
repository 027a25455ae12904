package dev.engram.lora;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.overlay.Targets;
import dev.engram.kit.provider.IsolationProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the strategies of this family share: where they act, how strongly, what a task owns. */
abstract class LowRankProvider extends IsolationProvider {

    private static final Setting<Integer> RANK =
            Setting.integer("rank", 8, 1, 65536, "Rank r of the update.");
    private static final Setting<Double> ALPHA =
            Setting.number("alpha", 16, 0, 1e6, "The update is scaled by alpha/rank.");
    private static final Setting<Scaling> SCALING =
            Setting.choice(
                    "scaling",
                    Scaling.STANDARD,
                    "The update is scaled by alpha/rank, or by alpha/sqrt(rank) as in rsLoRA.");
    private static final Setting<Double> DROPOUT =
            Setting.number("dropout", 0, 0, 0.99, "Dropout of the update's inputs in training.");
    private static final Setting<Route> ROUTE =
            Setting.choice(
                    "route",
                    Route.AUTO,
                    "How: auto replaces linear layers where it can, overlay goes through the"
                            + " store.");
    private static final Setting<Optional<String>> TARGETS =
            Setting.optionalText(
                    "targets",
                    "patterns separated by commas: ends of names, regex:..., type:Linear",
                    "Which weights are adapted; found by itself unless set.");
    private static final Setting<String> OWNED =
            Setting.text(
                    "owned",
                    Targets.AUTO,
                    "auto, nothing, or patterns as in targets",
                    "Of which parameters each task has a whole copy, such as its head.");

    LowRankProvider(String id, String description) {
        super(id, description);
    }

    @Override
    public final String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public final List<Setting<?>> settings() {
        List<Setting<?>> all = new ArrayList<>(List.of(TARGETS, OWNED));
        if (isLowRank()) {
            all.addAll(List.of(RANK, ALPHA, SCALING, DROPOUT, ROUTE));
        }
        all.addAll(more());
        return List.copyOf(all);
    }

    @Override
    public final Strategy create(Settings settings) {
        LoraIsolation.Builder builder =
                LoraIsolation.builder()
                        .optTargets(settings.get(TARGETS).orElse(Targets.AUTO))
                        .optOwned(settings.get(OWNED));
        if (isLowRank()) {
            builder.optRank(settings.get(RANK))
                    .optAlpha(settings.get(ALPHA))
                    .optDropout(settings.get(DROPOUT));
            if (settings.get(SCALING) == Scaling.RANK_STABILISED) {
                builder.optRankStabilised();
            }
            if (settings.get(ROUTE) == Route.OVERLAY) {
                builder.optOverlayOnly();
            }
        }
        choose(builder, settings);
        return Strategy.of(builder.build());
    }

    /** Returns whether the update has a rank. */
    boolean isLowRank() {
        return true;
    }

    /** Returns the settings that only one strategy has. */
    List<Setting<?>> more() {
        return List.of();
    }

    /** Makes the builder build this strategy. */
    abstract void choose(LoraIsolation.Builder builder, Settings settings);

    /** How the update reaches the layer. */
    enum Route {
        AUTO,
        OVERLAY
    }

    /** How the update is scaled. */
    enum Scaling {
        STANDARD,
        RANK_STABILISED
    }
}
