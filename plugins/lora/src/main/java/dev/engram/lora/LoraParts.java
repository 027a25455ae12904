package dev.engram.lora;

import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftConfig;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a task puts over a base: overlays and whole copies, by the path of what each is over. */
final class LoraParts {

    private final Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
    private final Map<String, WeightLayout> layouts = new LinkedHashMap<>();
    private final Set<String> owned = new LinkedHashSet<>();
    private @Nullable Origin origin;

    LoraParts(Collection<String> owned) {
        this.owned.addAll(owned);
    }

    /** Puts an overlay over a weight, and what it does to the bias of the layer over that. */
    void add(BaseModel base, String path, ParameterOverlay overlay, WeightLayout layout) {
        overlays.put(path, overlay);
        layouts.put(path, layout);
        if (overlay instanceof Rescaling scaling && !scaling.scalesInputs()) {
            String bias = path.replaceAll("weight$", "bias");
            if (!bias.equals(path) && base.parameters().contains(bias) && !owned.contains(bias)) {
                overlays.put(bias, scaling.ofBias());
            }
        }
    }

    /** Says from which adapter they were read. */
    LoraParts from(PeftConfig config, ModuleNames names) {
        this.origin = new Origin(config, names);
        return this;
    }

    Map<String, ParameterOverlay> overlays() {
        return overlays;
    }

    Set<String> owned() {
        return owned;
    }

    boolean contains(String path) {
        return overlays.containsKey(path) || owned.contains(path);
    }

    WeightLayout layout(String path) {
        return layouts.getOrDefault(path, WeightLayout.OUTPUT_FIRST);
    }

    Optional<Origin> origin() {
        return Optional.ofNullable(origin);
    }

    /** The adapter that a task was read from: it is written again with the same configuration. */
    record Origin(PeftConfig config, ModuleNames names) {}
}
