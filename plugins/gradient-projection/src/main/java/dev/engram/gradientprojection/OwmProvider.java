package dev.engram.gradientprojection;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;

/** Orthogonal weights modification (Zeng et al. 2019), softly. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OwmProvider extends ProjectionProvider {

    private static final Setting<Double> STRENGTH =
            Setting.number(
                    "alpha",
                    1,
                    1e-9,
                    1e9,
                    "How much a direction of the inputs counts for nothing: of an update along one"
                        + " whose energy in earlier tasks is e times the mean of one task, alpha /"
                        + " (e + alpha) is left. Less protects more, and leaves new tasks less"
                        + " room.");

    /** Called by {@code ServiceLoader}. */
    public OwmProvider() {
        super(
                "owm",
                "Takes out of each layer's update what earlier tasks feed into it, softly; nothing"
                        + " stored.");
    }

    @Override
    Setting<Double> strength() {
        return STRENGTH;
    }

    @Override
    GradientProjection.Builder guard(double strength) {
        return GradientProjection.owm(strength);
    }
}
