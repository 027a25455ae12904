package dev.engram.gradientprojection;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;

/** Null space of the inputs' covariance (Wang et al. 2021). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class NsclProvider extends ProjectionProvider {

    private static final Setting<Double> STRENGTH =
            Setting.number(
                    "bound",
                    3,
                    1e-9,
                    1e9,
                    "Directions in which the inputs of earlier tasks have at most this energy, in"
                        + " units of the mean of one task, are free; all others are barred. More"
                        + " leaves more room. The paper's bound is a multiple of the least energy,"
                        + " which is zero where an input is always zero.");

    /** Called by {@code ServiceLoader}. */
    public NsclProvider() {
        super(
                "nscl",
                "Keeps each layer's updates to the directions in which earlier tasks' inputs have"
                        + " hardly any energy.");
    }

    @Override
    Setting<Double> strength() {
        return STRENGTH;
    }

    @Override
    GradientProjection.Builder guard(double strength) {
        return GradientProjection.nscl(strength);
    }
}
