package dev.engram.tck;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.api.spi.StrategyProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Passes all on to a provider but the id, and keeps what it creates. */
final class RecordedProvider implements StrategyProvider {

    /** Not the provider's: two providers of one id are refused. */
    static final String ID = "recorded-by-the-contract";

    private final StrategyProvider provider;
    private final List<Strategy> created = new ArrayList<>();

    RecordedProvider(StrategyProvider provider) {
        this.provider = provider;
    }

    /** Returns guard, isolation, importance or source of each strategy that was created. */
    List<Object> created() {
        return created.stream().flatMap(RecordedProvider::parts).toList();
    }

    private static Stream<Object> parts(Strategy strategy) {
        return Stream.of(
                        strategy.guard(),
                        strategy.isolation(),
                        strategy.importance(),
                        strategy.source())
                .flatMap(part -> part.<Object>map(one -> one).stream());
    }

    @Override
    public Strategy create(Settings settings) {
        throw new UnsupportedOperationException("the runtime calls the other one");
    }

    @Override
    public Strategy create(Settings settings, StrategyParts parts) {
        Strategy strategy = provider.create(settings, parts);
        created.add(strategy);
        return strategy;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String spiVersion() {
        return provider.spiVersion();
    }

    @Override
    public String description() {
        return provider.description();
    }

    @Override
    public List<Setting<?>> settings() {
        return provider.settings();
    }

    @Override
    public Set<String> roles() {
        return provider.roles();
    }

    @Override
    public Set<String> excludedRoles() {
        return provider.excludedRoles();
    }

    @Override
    public Set<String> needs() {
        return provider.needs();
    }
}
