package dev.engram.analytic;

import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.sums.Precision;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.Set;

/** What the strategies here have in common. */
abstract class AnalyticProvider extends DescribedProvider {

    /** Whatever else trains a head or holds weights has nothing to do over a frozen base. */
    private static final Set<String> EXCLUDED =
            Set.of(
                    Role.SOLVED_HEAD,
                    Role.PENALTY,
                    Role.REHEARSAL,
                    Role.ISOLATION,
                    Role.PROJECTION,
                    Role.DISTILLATION,
                    Role.AVERAGING);

    AnalyticProvider(String id, String description) {
        super(id, description, Set.of(Role.SOLVED_HEAD), EXCLUDED);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                new AnalyticGuard(
                        method(settings),
                        settings.get(AnalyticSettings.EPOCHS),
                        precision(settings)));
    }

    /** Returns in which precision products are computed, where the strategy needs any. */
    Precision precision(Settings settings) {
        return Precision.DOUBLE;
    }

    abstract HeadMethod method(Settings settings);
}
