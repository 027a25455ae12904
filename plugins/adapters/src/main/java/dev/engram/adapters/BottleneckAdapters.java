package dev.engram.adapters;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.ComposedModel;
import dev.engram.kit.compose.ModelComposer;
import dev.engram.kit.overlay.CopySum;
import dev.engram.kit.overlay.NewArrays;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Gives each task small networks of its own between the layers of a frozen base.
 *
 * <p>Blocks that hold the places must be known to Engram, see {@link BlockComposer}.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class BottleneckAdapters implements ParameterIsolation {

    private final AdapterDesign design;
    private final Placement placement;
    private final List<String> after;
    private final List<BlockComposer> composers;
    private final String owned;

    BottleneckAdapters(
            AdapterDesign design,
            Placement placement,
            List<String> after,
            List<BlockComposer> composers,
            String owned) {
        this.owned = owned;
        this.design = design;
        this.placement = placement;
        this.after = List.copyOf(after);
        this.composers = List.copyOf(composers);
    }

    /** Returns a builder with the defaults of strategy {@code adapters}. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return "adapters";
    }

    @Override
    public Map<String, String> settings() {
        return AdapterSettings.asText(design, placement, after, owned);
    }

    @Override
    public TaskAdapters create(BaseModel base, Task task) {
        return adapters(
                base, parameters -> (place, width) -> design.create(parameters, place, width));
    }

    /**
     * Returns adapters with as wide a bottleneck as all tasks' together; they can be trained on.
     */
    @Override
    public TaskAdapters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        Map<TaskAdapters, Double> parts = new LinkedHashMap<>();
        weights.forEach((task, weight) -> parts.put(own(task), weight));
        if (parts.isEmpty()) {
            throw new EngramException("No task to combine: name at least one");
        }
        TaskAdapters sum = adapters(base, parameters -> new AdapterSum(parts, design, parameters));
        CopySum copies = new CopySum(base, parts);
        sum.copies().forEach(path -> copies.into(sum, path));
        return sum;
    }

    private static TaskAdapters own(TaskParameters task) {
        if (task instanceof TaskAdapters adapters) {
            return adapters;
        }
        throw new EngramException(
                "Adapters combine with adapters only, not with " + task.getClass().getName());
    }

    /** Whatever fails on the way leaves no arrays behind. */
    private TaskAdapters adapters(
            BaseModel base, Function<NewParameters, AdapterInsertion.Source> source) {
        try (NDManager fresh = base.manager().newSubManager()) {
            AdapterInsertion insertion =
                    new AdapterInsertion(
                            placement.places(),
                            new LinkedHashSet<>(after),
                            source.apply(new NewParameters(NewArrays.like(base, fresh))));
            OverlayParameters copies =
                    new OverlayParameters.Builder(base)
                            .optBlock(adapted(base.block(), insertion))
                            .addOwned(new Targets(base).owned(owned))
                            .build();
            return new TaskAdapters(copies, insertion.adapters()).keptBy(base.manager());
        }
    }

    private Block adapted(Block base, AdapterInsertion insertion) {
        ModelComposer composer = ModelComposer.of(composers.toArray(BlockComposer[]::new));
        ComposedModel composed = composer.compose(base, insertion);
        boolean nowhere = !composed.problems().isEmpty();
        return composed.orThrow(name(), insertion.problems(nowhere));
    }

    /** Builds {@link BottleneckAdapters}. */
    public static final class Builder {

        private final List<String> after = new ArrayList<>();
        private final List<BlockComposer> composers = new ArrayList<>();
        private int bottleneck = AdapterSettings.BOTTLENECK.defaultValue();
        private Placement placement = AdapterSettings.PLACEMENT.defaultValue();
        private AdapterActivation activation = AdapterSettings.ACTIVATION.defaultValue();
        private Gate gate = AdapterSettings.GATE.defaultValue();
        private double scale = AdapterSettings.SCALE.defaultValue();
        private String owned = Targets.AUTO;

        Builder() {}

        /** Sets the width between the two projections; 32 by default. */
        public Builder optBottleneck(int bottleneck) {
            if (bottleneck < 1) {
                throw new InvalidOptionException(
                        "bottleneck = %d is not acceptable: write 1 or more".formatted(bottleneck));
            }
            this.bottleneck = bottleneck;
            return this;
        }

        /**
         * Sets where adapters go in layers that are known; {@link Placement#PFEIFFER} by default.
         */
        public Builder optPlacement(Placement placement) {
            this.placement = placement;
            return this;
        }

        /** Sets the function between the projections; {@link AdapterActivation#GELU} by default. */
        public Builder optActivation(AdapterActivation activation) {
            this.activation = activation;
            return this;
        }

        /** Sets whether adapters have a gate; {@link Gate#NONE} by default. */
        public Builder optGate(Gate gate) {
            this.gate = gate;
            return this;
        }

        /** Sets the fixed factor of what adapters add; 1 by default. */
        public Builder optScale(double scale) {
            this.scale = scale;
            return this;
        }

        /**
         * Adds the path of a child of a sequence that gets an adapter, such as {@code
         * 02LambdaBlock}; with one or more the placement does not count.
         */
        public Builder addAfter(String path) {
            after.add(path);
            return this;
        }

        /**
         * Sets of which parameters each task has a whole copy, in the patterns of {@code Targets};
         * empty for none, {@code auto} unless set: those of the head.
         */
        public Builder optOwned(String patterns) {
            this.owned = patterns;
            return this;
        }

        /** Adds a composer that knows another kind of block; it is asked before all others. */
        public Builder addComposer(BlockComposer composer) {
            composers.add(composer);
            return this;
        }

        /** Builds the strategy. */
        public BottleneckAdapters build() {
            AdapterDesign design = new AdapterDesign(bottleneck, activation, gate, scale);
            return new BottleneckAdapters(design, placement, after, composers, owned);
        }
    }
}
