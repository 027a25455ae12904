package dev.engram.lora;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Settings;

/** The strategy {@code dora}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class DoraProvider extends LowRankProvider {

    /** Creates the provider, as {@code ServiceLoader} does. */
    public DoraProvider() {
        super("dora", "As lora, with magnitude and direction of the weights learnt apart.");
    }

    @Override
    void choose(LoraIsolation.Builder builder, Settings settings) {
        builder.optDecomposed();
    }
}
