package dev.engram.analytic;

import dev.engram.analytic.internal.closedform.CrossValidation;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.RidgeMethod;
import dev.engram.analytic.internal.closedform.RidgePenalty;
import dev.engram.analytic.internal.sums.Precision;
import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** A ridge regression as the model's last layer (RanPAC, McDonnell et al. 2023). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RidgeHeadProvider extends AnalyticProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public RidgeHeadProvider() {
        super(
                "ridge-head",
                "Ridge regression as the last layer of a frozen base: no sample stored, the order"
                        + " of tasks changes nothing, one pass over the data.");
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(
                AnalyticSettings.LAMBDA, AnalyticSettings.PRECISION, AnalyticSettings.EPOCHS);
    }

    @Override
    HeadMethod method(Settings settings) {
        return new RidgeMethod(
                settings.get(AnalyticSettings.LAMBDA)
                        .map(RidgePenalty::share)
                        .orElseGet(() -> CrossValidation.of(precision(settings))));
    }

    @Override
    Precision precision(Settings settings) {
        return settings.get(AnalyticSettings.PRECISION);
    }
}
