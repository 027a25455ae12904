package dev.engram.replay.strategy;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.kit.provider.DescribedProvider;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.kit.rehearsal.RehearsalSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the strategies over a replay buffer have in common. */
abstract class ReplayProvider extends DescribedProvider {

    private final List<Setting<?>> own;

    ReplayProvider(String id, String description, List<Setting<?>> own) {
        super(id, description, Set.of(Role.REHEARSAL), Set.of(Role.REHEARSAL));
        this.own = own;
    }

    /** Adds what makes the strategy itself. */
    abstract void configure(RehearsalGuard.Builder guard, Settings settings);

    boolean keepsPredictions(Settings settings) {
        return false;
    }

    /** How many steps share a rehearsal, unless the user says so: one, as published. */
    int rehearsesEvery() {
        return 1;
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        List<Setting<?>> all = new ArrayList<>(SourceSettings.ALL);
        all.add(SourceSettings.SOURCE);
        all.addAll(RehearsalSettings.shares());
        all.add(RehearsalSettings.every(rehearsesEvery()));
        all.addAll(own);
        return List.copyOf(all);
    }

    @Override
    public Strategy create(Settings settings) {
        return create(settings, StrategyParts.none());
    }

    @Override
    public Strategy create(Settings settings, StrategyParts parts) {
        RehearsalGuard.Builder guard =
                RehearsalGuard.builder()
                        .setName(id())
                        .setSource(
                                SourceSettings.source(settings, parts, keepsPredictions(settings)))
                        .optMixing(RehearsalSettings.mixing(settings))
                        .optEvery(settings.get(RehearsalSettings.every(rehearsesEvery())));
        configure(guard, settings);
        return Strategy.of(guard.build());
    }
}
