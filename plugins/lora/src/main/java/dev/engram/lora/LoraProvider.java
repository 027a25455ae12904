package dev.engram.lora;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Settings;

/** The strategy {@code lora}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LoraProvider extends LowRankProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public LoraProvider() {
        super("lora", "Gives each task a low-rank update of some weights over a frozen base.");
    }

    @Override
    void choose(LoraIsolation.Builder builder, Settings settings) {}
}
