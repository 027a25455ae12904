package dev.engram.analytic;

import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.SldaMethod;
import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** Streaming linear discriminant analysis as the last layer (Hayes and Kanan 2020). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SldaProvider extends AnalyticProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public SldaProvider() {
        super(
                "slda",
                "Streaming linear discriminant analysis as the last layer of a frozen base: class"
                        + " means and one covariance.");
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(AnalyticSettings.SHRINKAGE, AnalyticSettings.EPOCHS);
    }

    @Override
    HeadMethod method(Settings settings) {
        return new SldaMethod(settings.get(AnalyticSettings.SHRINKAGE));
    }
}
