package com.example.forgetting;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;

/** The strategy {@code acme-ema}. */
public final class EmaProvider implements StrategyProvider {

    private static final Setting<Double> DECAY =
            Setting.number(
                    "decay", 0.99, 0, 0.99999, "What remains of the average after each step.");

    private static final Setting<Form> FORM =
            Setting.choice("form", Form.SQUARE, "What is averaged of each gradient.");

    /** The runtime has one of this key: this default is then its own. */
    private static final Setting<Double> LAMBDA =
            Setting.number(
                    "lambda", 0.1, 0, 1e6, "Strength; more holds earlier tasks more firmly.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public EmaProvider() {}

    @Override
    public String id() {
        return "acme-ema";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return "Holds weights by a moving average of their gradients: no pass of its own.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(DECAY, FORM, LAMBDA);
    }

    /** The runtime joins an importance with the quadratic penalty, and its settings with these. */
    @Override
    public Set<String> roles() {
        return Set.of(Role.IMPORTANCE);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(new MovingAverageImportance(settings.get(DECAY), settings.get(FORM)));
    }
}
