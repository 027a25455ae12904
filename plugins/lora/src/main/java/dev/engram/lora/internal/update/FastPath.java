package dev.engram.lora.internal.update;

import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.Insertion;
import dev.engram.kit.compose.LinearUpdate;
import dev.engram.kit.compose.ModelComposer;
import dev.engram.kit.overlay.ParameterOverlay;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts low-rank updates beside the linear layers that a model's structure shows. */
public final class FastPath implements Insertion {

    private static final Logger LOG = LoggerFactory.getLogger(FastPath.class);

    private final Map<String, ParameterOverlay> overlays;
    private final Set<String> taken = new LinkedHashSet<>();

    private FastPath(Map<String, ParameterOverlay> overlays) {
        this.overlays = overlays;
    }

    /** Composes a base anew with those updates that stand beside a visible linear layer. */
    public static Route over(BaseModel base, Map<String, ParameterOverlay> all) {
        // What another layer uses, too, must reach that one as well: the store sees to it.
        SharedWeights shared = SharedWeights.of(base);
        Map<String, ParameterOverlay> overlays = new LinkedHashMap<>(all);
        overlays.keySet().removeIf(weight -> !shared.others(weight).isEmpty());
        FastPath path = new FastPath(overlays);
        try {
            Block block = ModelComposer.of().compose(base.block(), path).block();
            return new Route(block, Set.copyOf(path.taken));
        } catch (EngramException e) {
            LOG.info("All updates go through the parameter store: {}", e.getMessage());
            return new Route(base.block(), Set.of());
        }
    }

    @Override
    public Optional<Block> linear(String path, Linear original) {
        String weight = Composition.join(path, "weight");
        if (overlays.get(weight) instanceof LowRankUpdate update && !update.isInWeight()) {
            taken.add(weight);
            return Optional.of(new LowRankLinear(original, update));
        }
        return Optional.empty();
    }

    @Override
    public Optional<LinearUpdate> linearUpdate(String weight, boolean isOutputFirst) {
        if (overlays.get(weight) instanceof LowRankUpdate update && !update.isInWeight()) {
            taken.add(weight);
            return Optional.of(
                    (input, store, training) ->
                            update.product(input, store, training, isOutputFirst));
        }
        return Optional.empty();
    }

    /**
     * A base with updates inside.
     *
     * @param computed paths of the weights whose updates the block itself computes
     */
    public record Route(Block block, Set<String> computed) {}
}
