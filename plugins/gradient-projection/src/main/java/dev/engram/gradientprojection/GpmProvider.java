package dev.engram.gradientprojection;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;

/** Gradient projection memory (Saha et al. 2021). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class GpmProvider extends ProjectionProvider {

    private static final Setting<Double> STRENGTH =
            Setting.number(
                    "share",
                    0.85,
                    1e-6,
                    1,
                    "How much of the energy of each task's inputs the kept directions hold, of each"
                            + " layer. More protects more, and leaves new tasks less room.");

    /** Called by {@code ServiceLoader}. */
    public GpmProvider() {
        super(
                "gpm",
                "Keeps each layer's updates orthogonal to the main directions of earlier tasks'"
                        + " inputs.");
    }

    @Override
    Setting<Double> strength() {
        return STRENGTH;
    }

    @Override
    GradientProjection.Builder guard(double strength) {
        return GradientProjection.gpm(strength);
    }
}
