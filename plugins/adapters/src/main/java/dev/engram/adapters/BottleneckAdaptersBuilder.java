package dev.engram.adapters;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.List;

/** Builds {@link BottleneckAdapters}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class BottleneckAdaptersBuilder {

    private final List<String> after = new ArrayList<>();
    private final List<BlockComposer> composers = new ArrayList<>();
    private int bottleneck = AdapterSettings.BOTTLENECK.defaultValue();
    private Placement placement = AdapterSettings.PLACEMENT.defaultValue();
    private AdapterActivation activation = AdapterSettings.ACTIVATION.defaultValue();
    private Gate gate = AdapterSettings.GATE.defaultValue();
    private double scale = AdapterSettings.SCALE.defaultValue();
    private String owned = Targets.AUTO;

    BottleneckAdaptersBuilder() {}

    /** Sets the width between the two projections; 32 by default. */
    public BottleneckAdaptersBuilder optBottleneck(int bottleneck) {
        if (bottleneck < 1) {
            throw new InvalidOptionException(
                    "bottleneck = %d is not acceptable: write 1 or more".formatted(bottleneck));
        }
        this.bottleneck = bottleneck;
        return this;
    }

    /** Sets where adapters go in layers that are known; {@link Placement#PFEIFFER} by default. */
    public BottleneckAdaptersBuilder optPlacement(Placement placement) {
        this.placement = placement;
        return this;
    }

    /** Sets the function between the projections; {@link AdapterActivation#GELU} by default. */
    public BottleneckAdaptersBuilder optActivation(AdapterActivation activation) {
        this.activation = activation;
        return this;
    }

    /** Sets whether adapters have a gate; {@link Gate#NONE} by default. */
    public BottleneckAdaptersBuilder optGate(Gate gate) {
        this.gate = gate;
        return this;
    }

    /** Sets the fixed factor of what adapters add; 1 by default. */
    public BottleneckAdaptersBuilder optScale(double scale) {
        this.scale = scale;
        return this;
    }

    /**
     * Adds the path of a child of a sequence that gets an adapter, such as {@code 02LambdaBlock};
     * with one or more the placement does not count.
     */
    public BottleneckAdaptersBuilder addAfter(String path) {
        after.add(path);
        return this;
    }

    /**
     * Sets of which parameters each task has a whole copy, in the patterns of {@code Targets};
     * empty for none, {@code auto} unless set: those of the head.
     */
    public BottleneckAdaptersBuilder optOwned(String patterns) {
        this.owned = patterns;
        return this;
    }

    /** Adds a composer that knows another kind of block; it is asked before all others. */
    public BottleneckAdaptersBuilder addComposer(BlockComposer composer) {
        composers.add(composer);
        return this;
    }

    /** Builds the strategy. */
    public BottleneckAdapters build() {
        AdapterDesign design = new AdapterDesign(bottleneck, activation, gate, scale);
        return new BottleneckAdapters(design, placement, after, composers, owned);
    }
}
