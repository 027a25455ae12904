package dev.engram.replay.strategy;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;

/** Makes {@link GaussianSource}. */
final class GaussianProvider implements StrategyProvider {

    static final Setting<Double> WIDTH = Setting.number("width", 0.5, 0, 10, "The deviation.");

    GaussianSource made = new GaussianSource(0);

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
        return "A Gaussian of each class.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(WIDTH);
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.SOURCE);
    }

    @Override
    public Strategy create(Settings settings) {
        made = new GaussianSource(settings.get(WIDTH));
        return Strategy.of(made);
    }
}
