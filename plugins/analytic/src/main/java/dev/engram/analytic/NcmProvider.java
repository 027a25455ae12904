package dev.engram.analytic;

import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.NcmMethod;
import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** The nearest class mean as the last layer (Mensink et al. 2013). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class NcmProvider extends AnalyticProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public NcmProvider() {
        super(
                "ncm",
                "Nearest class mean as the last layer of a frozen base: one mean a class, next to"
                        + " no memory.");
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(AnalyticSettings.EPOCHS);
    }

    @Override
    HeadMethod method(Settings settings) {
        return new NcmMethod();
    }
}
