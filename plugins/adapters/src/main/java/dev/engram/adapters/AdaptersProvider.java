package dev.engram.adapters;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.IsolationProvider;
import java.util.List;
import java.util.Set;

/** Bottleneck adapters (Houlsby et al. 2019, Pfeiffer et al. 2021): own layers for each task. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AdaptersProvider extends IsolationProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public AdaptersProvider() {
        super(
                "adapters",
                "Adapters: small layers of its own for each task inside a frozen base, which"
                        + " forgets nothing; a few per cent of its parameters for each task.");
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return AdapterSettings.all();
    }

    @Override
    public Set<String> needs() {
        return Set.of(Need.BLOCK_ACCESS);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(AdapterSettings.read(settings));
    }
}
