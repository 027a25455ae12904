package consumer;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.discovery.StrategyCatalog;
import java.util.Map;

/** Every strategy of every artifact is found, and a listener can be built of each. */
public final class FindsAll {

    private FindsAll() {}

    /** Builds them. */
    public static void main(String[] args) {
        StrategyCatalog catalog = StrategyCatalog.discover(FindsAll.class.getClassLoader());
        if (!catalog.failures().isEmpty()) {
            throw new IllegalStateException(String.join("\n", catalog.failures()));
        }
        Map<String, StrategyProvider> found = catalog.providers();
        found.keySet().forEach(id -> ForgettingListener.builder().addStrategy(id).build().close());
        System.out.println("CONSUMER built a listener of each: " + found.keySet());
    }
}
