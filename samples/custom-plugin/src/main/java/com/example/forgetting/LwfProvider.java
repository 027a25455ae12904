package com.example.forgetting;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;

/** The strategy {@code acme-lwf}. */
public final class LwfProvider implements StrategyProvider {

    private static final Setting<Double> STRENGTH =
            Setting.number(
                    "strength", 1, 0, 1e6, "How much the old answers count beside the new labels.");
    private static final Setting<Double> TEMPERATURE =
            Setting.number(
                    "temperature", 2, 0.1, 100, "What scores are divided by before they compare.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public LwfProvider() {}

    @Override
    public String id() {
        return "acme-lwf";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return "Keeps the answers that the model had before the task, without samples of it.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(STRENGTH, TEMPERATURE);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                new LearningWithoutForgetting(settings.get(STRENGTH), settings.get(TEMPERATURE)));
    }
}
