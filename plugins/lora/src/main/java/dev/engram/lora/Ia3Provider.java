package dev.engram.lora;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;
import java.util.Optional;

/** The strategy {@code ia3}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Ia3Provider extends LowRankProvider {

    private static final Setting<Optional<String>> FEED_FORWARD =
            Setting.optionalText(
                    "feed-forward",
                    "a regular expression for paths of layers",
                    "Layers whose inputs are scaled instead of their outputs.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public Ia3Provider() {
        super(
                "ia3",
                "Gives each task a factor for each output of some layers: the fewest parameters.");
    }

    @Override
    void choose(LoraIsolation.Builder builder, Settings settings) {
        builder.optRescaling(settings.get(FEED_FORWARD).orElse(""));
    }

    @Override
    boolean isLowRank() {
        return false;
    }

    @Override
    List<Setting<?>> more() {
        return List.of(FEED_FORWARD);
    }
}
