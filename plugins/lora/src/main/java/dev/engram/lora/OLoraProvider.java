package dev.engram.lora;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/**
 * The strategy {@code o-lora}.
 *
 * <p>A task can be served, moved and loaded alone, so each keeps the pairs of all before it in the
 * process's memory: what n tasks keep there grows with n². The memory directory holds each pair
 * once.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OLoraProvider extends LowRankProvider {

    private static final Setting<Double> ORTHOGONALITY =
            Setting.number(
                    "orthogonality", 0.5, 0, 1e6, "Strength of the penalty on shared directions.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public OLoraProvider() {
        super(
                "o-lora",
                "As lora over the sum of the earlier tasks, each in a subspace orthogonal to"
                        + " theirs; loaded tasks each keep the pairs of all before them, so the"
                        + " process's memory grows with the square of their number.");
    }

    @Override
    void choose(LoraIsolation.Builder builder, Settings settings) {
        builder.optOrthogonal(settings.get(ORTHOGONALITY));
    }

    @Override
    List<Setting<?>> more() {
        return List.of(ORTHOGONALITY);
    }
}
