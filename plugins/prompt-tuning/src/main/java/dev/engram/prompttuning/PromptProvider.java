package dev.engram.prompttuning;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.IsolationProvider;
import java.util.List;
import java.util.Set;

/** What the strategies of this plug-in share. */
abstract class PromptProvider extends IsolationProvider {

    private final PromptMethod method;

    PromptProvider(PromptMethod method, String description) {
        super(method.id(), description);
        this.method = method;
    }

    @Override
    public final String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public final List<Setting<?>> settings() {
        return PromptSettings.of(method);
    }

    @Override
    public final Set<String> needs() {
        return Set.of(Need.BLOCK_ACCESS);
    }

    @Override
    public final Strategy create(Settings settings) {
        return Strategy.of(PromptSettings.read(method, settings));
    }
}
