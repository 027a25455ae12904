package dev.engram.djl.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import dev.engram.api.Experimental;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import java.time.Clock;

/**
 * The default bindings of a listener; override one with {@code addModule}.
 *
 * <p>Bound are: every discovered {@link StrategyProvider} in a map by id (add entries with a {@link
 * MapBinder} of your own), the {@link StrategyCatalog}, and the {@link Clock} that stamps the
 * memory's generations.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class EngramModule extends AbstractModule {

    private final StrategyCatalog catalog;

    /** Creates the module over the strategies that were found. */
    public EngramModule(StrategyCatalog catalog) {
        this.catalog = catalog;
    }

    @Override
    protected void configure() {
        MapBinder<String, StrategyProvider> strategies =
                MapBinder.newMapBinder(binder(), String.class, StrategyProvider.class);
        catalog.providers()
                .forEach((id, provider) -> strategies.addBinding(id).toInstance(provider));
        bind(StrategyCatalog.class).toInstance(catalog);
    }

    @Provides
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }
}
