package com.example.forgetting;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;

/** The strategy {@code acme-bitfit}. */
public final class BitFitProvider implements StrategyProvider {

    private static final Setting<Boolean> OWN_HEAD =
            Setting.flag("own-head", true, "Whether each task has a whole last layer, too.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public BitFitProvider() {}

    @Override
    public String id() {
        return "acme-bitfit";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return "Gives each task biases of its own, and a head; all else is the base's.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(OWN_HEAD);
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.ISOLATION);
    }

    @Override
    public Set<String> excludedRoles() {
        return Set.of(Role.ISOLATION);
    }

    @Override
    public Set<String> needs() {
        return Set.of(Need.BLOCK_ACCESS);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(new BitFit(settings.get(OWN_HEAD)));
    }
}
