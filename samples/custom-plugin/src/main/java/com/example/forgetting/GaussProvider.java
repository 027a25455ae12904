package com.example.forgetting;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;

/** The strategy {@code acme-gauss}. */
public final class GaussProvider implements StrategyProvider {

    private static final Setting<Integer> LEAST =
            Setting.integer(
                    "least-samples",
                    8,
                    2,
                    1_000_000,
                    "Classes of fewer samples are not kept: the mean of one sample is the sample.");
    private static final Setting<Long> SEED =
            Setting.wholeNumber(
                    "seed", 1, Long.MIN_VALUE, Long.MAX_VALUE, "Seed of what is drawn.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public GaussProvider() {}

    @Override
    public String id() {
        return "acme-gauss";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return "Rehearses samples drawn from a Gaussian of each class, and keeps none.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(LEAST, SEED);
    }

    /** Alone it is joined with plain rehearsal; {@code er} and others take it as their source. */
    @Override
    public Set<String> roles() {
        return Set.of(Role.SOURCE);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(new GaussianSource(settings.get(LEAST), settings.get(SEED)));
    }
}
