package dev.engram.tck.support;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/**
 * Says that its strategy, {@code isolating}, gives each task parameters of its own: for tests of
 * strategies that refuse to stand beside such a one.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class IsolatingProvider extends DescribedProvider {

    /** Creates it. */
    public IsolatingProvider() {
        super("isolating", "For tests.", Set.of(Role.ISOLATION), Set.of());
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of();
    }

    @Override
    public Strategy create(Settings settings) {
        throw new AssertionError("refused before");
    }
}
