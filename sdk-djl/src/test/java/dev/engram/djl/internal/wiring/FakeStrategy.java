package dev.engram.djl.internal.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.google.inject.multibindings.MapBinder;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** A provider of which each method does what a test says. */
final class FakeStrategy implements StrategyProvider {

    final String id;
    Supplier<Strategy> create = () -> Strategy.of(new FakeGuard("made"));
    BiFunction<Settings, StrategyParts, Strategy> createWith = (checked, parts) -> create.get();
    Supplier<List<Setting<?>>> settings = List::of;
    Supplier<String> version = () -> SpiVersion.CURRENT;
    Supplier<Set<String>> roles = Set::of;
    Supplier<Set<String>> needs = Set::of;

    FakeStrategy(String id) {
        this.id = id;
    }

    /** Returns the module that adds strategies to those on the class path. */
    static Module module(FakeStrategy... all) {
        return new AbstractModule() {
            @Override
            protected void configure() {
                MapBinder<String, StrategyProvider> strategies =
                        MapBinder.newMapBinder(binder(), String.class, StrategyProvider.class);
                for (FakeStrategy one : all) {
                    strategies.addBinding(one.id).toInstance(one);
                }
            }
        };
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String spiVersion() {
        return version.get();
    }

    @Override
    public String description() {
        return "for tests";
    }

    @Override
    public List<Setting<?>> settings() {
        return settings.get();
    }

    @Override
    public Strategy create(Settings checked) {
        return create.get();
    }

    @Override
    public Strategy create(Settings checked, StrategyParts parts) {
        return createWith.apply(checked, parts);
    }

    @Override
    public Set<String> roles() {
        return roles.get();
    }

    @Override
    public Set<String> needs() {
        return needs.get();
    }
}
