package dev.engram.lora;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.overlay.OpaqueBase;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.Targets;
import dev.engram.lora.internal.update.FastPath;
import dev.engram.lora.internal.update.SharedWeights;
import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.internal.update.WeightLayouts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Low-rank adaptation and its kin: each task has a small update of some weights (Hu et al. 2021).
 *
 * <p>On DJL's blocks, and any that ask their parameter store, the update is part of the forward
 * pass. TorchScript models ask nobody: there the updated weights are written into the model's
 * arrays before a pass, and the gradients carried over after it; the base's values are kept aside.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LoraIsolation implements ParameterIsolation {

    private final LoraSettings settings;
    private final Map<NDManager, OpaqueBase> opaque = new ConcurrentHashMap<>();
    private final Map<NDManager, SharedWeights> shared = new ConcurrentHashMap<>();

    LoraIsolation(LoraSettings settings) {
        this.settings = settings;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return settings.variant().id();
    }

    @Override
    public Map<String, String> settings() {
        return settings.stated();
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        Targets found = new Targets(base);
        SharedWeights shared = shared(base);
        WeightLayouts layouts = new WeightLayouts(base, found);
        List<String> owned = settings.owned(base, found);
        LoraParts parts = new LoraParts(owned.stream().map(shared::first).toList());
        for (String target : settings.targets(base, found, shared)) {
            String path = shared.first(target);
            if (!parts.contains(path)) {
                requireTrainable(base, path);
                WeightLayout layout = layouts.of(path);
                settings.requireFit(path, layout, found);
                parts.add(base, path, settings.over(base, path, layout), layout);
            }
        }
        shared.requireSeparate(parts.overlays().keySet());
        shared.requireSeparate(parts.owned());
        requireAny(parts, owned);
        return task(base, parts);
    }

    private void requireAny(LoraParts parts, List<String> owned) {
        if (parts.overlays().isEmpty()) {
            throw new EngramException(
                    "\"%s\" has nothing to adapt: each target (targets = \"%s\") is owned by the task as a whole (owned = \"%s\": %s). Name other weights in targets, or set owned to \"\" or to the head alone"
                            .formatted(name(), settings.targets(), settings.owned(), owned));
        }
    }

    /** Small steps are lost in half precision, and large gradients become infinite. */
    private void requireTrainable(BaseModel base, String path) {
        DataType type = base.parameters().get(path).getArray().getDataType();
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
            throw new EngramException(
                    "\"%s\" trains in float32, but %s holds %s: load a file that was saved as float32, or initialise the block with DataType.FLOAT32"
                            .formatted(name(), path, type));
        }
    }

    LoraTask task(BaseModel base, LoraParts parts) {
        OverlayParameters.Builder builder = new OverlayParameters.Builder(base);
        parts.overlays().forEach(builder::addOverlay);
        builder.addOwned(parts.owned());
        if (OpaqueBase.isOpaque(base.block())) {
            builder.optOpaque(arrays(base));
        } else if (!settings.isOverlayOnly()) {
            FastPath.Route route = FastPath.over(base, parts.overlays());
            builder.optBlock(route.block()).addComputed(route.computed());
        }
        return new LoraTask(builder.build(), parts, settings.orthogonality());
    }

    /** Finds which weights of a base layers share; for a TorchScript model once. */
    SharedWeights shared(BaseModel base) {
        if (!OpaqueBase.isOpaque(base.block())) {
            return SharedWeights.of(base);
        }
        SharedWeights known = shared.get(base.manager());
        if (known == null) {
            known = arrays(base).withBase(() -> SharedWeights.ofOpaque(base));
            shared.put(base.manager(), known);
        }
        return known;
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        return new LoraSum(base, weights).task(this);
    }

    @Override
    public <T> T withBase(BaseModel base, Supplier<T> work) {
        return OpaqueBase.isOpaque(base.block())
                ? arrays(base).withBase(work)
                : ParameterIsolation.super.withBase(base, work);
    }

    @Override
    public NDList forwardBase(BaseModel base, ForwardPass pass) {
        return OpaqueBase.isOpaque(base.block())
                ? arrays(base).forwardBase(base.block(), pass)
                : ParameterIsolation.super.forwardBase(base, pass);
    }

    @Override
    public void uninstall(BaseModel base) {
        OpaqueBase arrays = opaque.get(base.manager());
        if (arrays != null) {
            arrays.restore();
        }
    }

    private OpaqueBase arrays(BaseModel base) {
        return opaque.computeIfAbsent(base.manager(), manager -> new OpaqueBase(base));
    }

    /** Builds a {@link LoraIsolation}; everything has a default. */
    public static final class Builder {

        private LoraVariant variant = LoraVariant.LORA;
        private int rank = 8;
        private double alpha = 16;
        private boolean isRankStabilised;
        private double dropout;
        private String targets = Targets.AUTO;
        private String owned = Targets.AUTO;
        private String feedForward = "";
        private double orthogonality = 0.5;
        private boolean isOverlayOnly;

        Builder() {}

        /** Learns magnitude and direction of each row apart (DoRA; Liu et al. 2024). */
        public Builder optDecomposed() {
            return variant(LoraVariant.DORA);
        }

        /**
         * Learns a factor for each output instead of an update (IA³; Liu et al. 2022).
         *
         * @param inputsOf regular expression for the path of layers of which inputs are scaled
         *     instead; empty for none
         */
        public Builder optRescaling(String inputsOf) {
            this.feedForward = inputsOf;
            return variant(LoraVariant.IA3);
        }

        /**
         * Adds each task's update to those of the earlier ones, in a subspace orthogonal to theirs
         * (O-LoRA; Wang et al. 2023).
         *
         * @param strength the penalty's λ, 0 or more; 0.5 in the paper
         */
        public Builder optOrthogonal(double strength) {
            this.orthogonality = strength;
            return variant(LoraVariant.O_LORA);
        }

        /** Sets the rank r, 1 or more; 8 unless set. */
        public Builder optRank(int value) {
            this.rank = value;
            return this;
        }

        /** Sets alpha; the update is scaled by alpha/rank; 16 unless set. */
        public Builder optAlpha(double value) {
            this.alpha = value;
            return this;
        }

        /** Scales the update by alpha/√rank instead (rsLoRA; Kalajdzievski 2023). */
        public Builder optRankStabilised() {
            this.isRankStabilised = true;
            return this;
        }

        /** Sets the dropout of the update's inputs while it trains, 0 (unless set) to below 1. */
        public Builder optDropout(double share) {
            this.dropout = share;
            return this;
        }

        /**
         * Sets which weights are adapted, in the patterns of {@code Targets}.
         *
         * <p>{@code auto} unless set: query and value projections where names show them, otherwise
         * all linear and convolutional layers, or all matrices of a TorchScript model but
         * embeddings.
         */
        public Builder optTargets(String patterns) {
            this.targets = patterns;
            return this;
        }

        /**
         * Sets of which parameters each task has a whole copy, trained with it; empty for none.
         *
         * <p>{@code auto} unless set: those of the last layer of a {@code SequentialBlock} if that
         * is linear, or of a TorchScript model's {@code classifier} or {@code score}. The
         * statistics of batch normalisations are each task's own in any case.
         */
        public Builder optOwned(String patterns) {
            this.owned = patterns;
            return this;
        }

        /**
         * Sends updates through the parameter store also where a linear layer could be replaced;
         * slower, and the same up to rounding.
         */
        public Builder optOverlayOnly() {
            this.isOverlayOnly = true;
            return this;
        }

        /**
         * Builds the isolation.
         *
         * @throws EngramException if a value is out of bounds
         */
        public LoraIsolation build() {
            if (rank < 1 || !(dropout >= 0 && dropout < 1) || !Double.isFinite(alpha)) {
                throw new EngramException(
                        "rank %d, alpha %s, dropout %s: the rank is 1 or more, alpha is finite, the dropout is 0 to below 1"
                                .formatted(rank, alpha, dropout));
            }
            return new LoraIsolation(
                    new LoraSettings(
                            variant,
                            rank,
                            alpha,
                            isRankStabilised,
                            (float) dropout,
                            targets,
                            owned,
                            feedForward,
                            orthogonality,
                            isOverlayOnly));
        }

        private Builder variant(LoraVariant chosen) {
            this.variant = chosen;
            return this;
        }
    }
}
