package dev.engram.kit.overlay;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.guard.StepView;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.autograd.Cleared;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task's parameters as overlays over those of the base.
 *
 * <p>A block that asks the store gets the overlays' values inside the autograd graph. For one that
 * does not, the values are written into its arrays before each pass, and the gradient {@code G} of
 * such an array is carried over by the chain rule: the gradient of {@code sum(value · G)} with
 * respect to the overlay's parameters, which for {@code W + sBA} is {@code dA = s BᵀG}, {@code dB =
 * s GAᵀ}.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OverlayParameters implements TaskParameters {

    private final Block block;
    private final Map<String, ParameterOverlay> overlays;
    private final Map<String, ParameterOverlay> stored;
    private final Map<String, Parameter> targets;
    private final Map<String, String> paths;
    private final PairList<String, Parameter> parameters;
    private final @Nullable OpaqueBase opaque;
    private @Nullable ParameterStore trainingStore;
    private boolean hasMoved;
    private boolean isReadyToTrain;
    private boolean hasGradients;

    OverlayParameters(Builder builder) {
        block = builder.block;
        overlays = Map.copyOf(builder.overlays);
        targets = new LinkedHashMap<>(builder.targets);
        paths = Map.copyOf(builder.paths);
        parameters = builder.parameters;
        opaque = builder.opaque;
        stored = new HashMap<>(overlays);
        stored.keySet().removeIf(id -> builder.computed.contains(paths.get(id)));
    }

    @Override
    public PairList<String, Parameter> parameters() {
        return parameters;
    }

    @Override
    public NDList forward(ForwardPass pass) {
        if (opaque != null) {
            hasGradients |= pass.training();
            return opaque.forward(this, block, pass);
        }
        NDManager scope = pass.inputs().head().getManager();
        ParameterStore store = new OverlayStore(pass.store(), stored, scope);
        return pass.through(block, store, pass.inputs());
    }

    /** For an opaque base the gradients of its arrays become those of the overlays. */
    @Override
    public void onGradient(StepView step) {
        ParameterStore store = trainingStore;
        if (opaque != null && store != null && hasGradients) {
            hasGradients = false;
            hasMoved = true;
            carryOver(step, opaque, store);
        }
    }

    /** Those of samples that were rehearsed in the meantime, too. */
    @Override
    public void onBackward(StepView step) {
        onGradient(step);
    }

    private void carryOver(StepView step, OpaqueBase base, ParameterStore store) {
        NDList used = new NDList();
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            NDArray total = step.scratch().zeros(new Shape());
            for (Map.Entry<String, Parameter> target : targets.entrySet()) {
                if (overlay(target.getKey()).isTrained()) {
                    NDArray gradient = target.getValue().getArray().getGradient();
                    gradient.attach(step.scratch());
                    used.add(gradient);
                    NDArray value = again(target.getKey(), base, store, step.scratch());
                    total = total.add(value.mul(gradient).sum());
                }
            }
            collector.backward(total);
        }
        // Nobody else zeroes them: the optimizer passes frozen parameters by.
        used.forEach(Cleared::zero);
    }

    @Override
    public Optional<Map<String, NDArray>> merged(NDManager manager) {
        Map<String, NDArray> merged = new LinkedHashMap<>();
        ParameterStore store = new ParameterStore(manager, false);
        targets.forEach(
                (id, parameter) -> {
                    PassValues values =
                            new PassValues(store, manager, parameter.getArray().getDevice(), false);
                    NDArray base =
                            opaque == null ? parameter.getArray() : opaque.original(parameter);
                    merged.put(paths.get(id), overlay(id).value(base, values).duplicate());
                });
        return Optional.of(merged);
    }

    /** Returns the path names of the base's parameters that have overlays. */
    public List<String> paths() {
        return targets.keySet().stream().map(id -> paths.getOrDefault(id, id)).toList();
    }

    /** Returns the base's parameters that have overlays, by id. */
    Map<String, Parameter> targets() {
        return targets;
    }

    /**
     * Returns whether the arrays of an opaque base must be written anew for this task. Not for a
     * further batch of the same step: the gradients of the earlier ones add up there.
     */
    boolean isStale(boolean training) {
        return hasMoved || (training && !isReadyToTrain);
    }

    /** Hears that the arrays have other values now. */
    void left() {
        isReadyToTrain = false;
    }

    void write(OpaqueBase base, ParameterStore store, NDManager scope, boolean training) {
        targets.forEach(
                (id, parameter) -> {
                    NDArray value = value(id, base, store, scope, training);
                    OpaqueBase.put(value, parameter, training && overlay(id).isTrained());
                });
        hasMoved = false;
        isReadyToTrain = training;
        if (training) {
            trainingStore = store;
        }
    }

    private NDArray value(
            String id, OpaqueBase base, ParameterStore store, NDManager scope, boolean training) {
        Device device = target(id).getArray().getDevice();
        PassValues values = new PassValues(store, scope, device, training);
        return overlay(id).value(base.original(target(id)), values);
    }

    /** Returns the value that the last training pass used, now within autograd. */
    private NDArray again(String id, OpaqueBase base, ParameterStore store, NDManager scope) {
        PassValues values = PassValues.again(store, scope, target(id).getArray().getDevice());
        return overlay(id).value(base.original(target(id)), values);
    }

    private Parameter target(String id) {
        Parameter target = targets.get(id);
        if (target == null) {
            throw new IllegalArgumentException(id);
        }
        return target;
    }

    private ParameterOverlay overlay(String id) {
        ParameterOverlay overlay = overlays.get(id);
        if (overlay == null) {
            throw new IllegalArgumentException(id);
        }
        return overlay;
    }

    /** Says in one line what the task has, for the log. */
    @Override
    public String toString() {
        long count = 0;
        for (Pair<String, Parameter> own : parameters) {
            count += own.getValue().requiresGradient() ? own.getValue().getArray().size() : 0;
        }
        String how =
                opaque == null
                        ? "%d beside their layers, %d through the store"
                                .formatted(overlays.size() - stored.size(), stored.size())
                        : "all by their gradients";
        return "%d trainable values over %d parameters of the base (%s)"
                .formatted(count, targets.size(), how);
    }

    /**
     * Builds {@link OverlayParameters}.
     *
     * <p>The statistics of batch normalisations get a copy for the task whether or not anybody
     * asks: training would otherwise change those of the base.
     */
    public static final class Builder {

        final Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
        final Map<String, Parameter> targets = new LinkedHashMap<>();
        final Map<String, String> paths = new LinkedHashMap<>();
        final PairList<String, Parameter> parameters = new PairList<>();
        final Set<String> computed = new HashSet<>();
        Block block;
        @Nullable OpaqueBase opaque;
        private final BaseModel base;

        /** Begins with no overlays over a base. */
        public Builder(BaseModel base) {
            this.base = base;
            this.block = base.block();
        }

        /** Puts an overlay over the parameter of a path name. */
        public Builder addOverlay(String path, ParameterOverlay overlay) {
            Parameter target = base.parameters().get(path);
            if (target == null) {
                throw new InvalidOptionException("the base has no parameter " + path);
            }
            overlays.put(target.getId(), overlay);
            targets.put(target.getId(), target);
            paths.put(target.getId(), path);
            for (Pair<String, Parameter> own : overlay.parameters()) {
                parameters.add(path + "/" + own.getKey(), own.getValue());
            }
            return this;
        }

        /** Gives the task whole copies of some parameters, such as those of a head. */
        public Builder addOwned(Collection<String> names) {
            for (String path : names) {
                Parameter original = base.parameters().get(path);
                if (original != null && !overlays.containsKey(original.getId())) {
                    addOverlay(path, new OwnCopy(original, base.manager()));
                }
            }
            return this;
        }

        /** Sets the block that computes the outputs; the base's unless set. */
        public Builder optBlock(Block forward) {
            this.block = forward;
            return this;
        }

        /**
         * Names overlays that the block of {@link #optBlock} computes itself: the store passes by.
         */
        public Builder addComputed(Collection<String> names) {
            computed.addAll(names);
            return this;
        }

        /** Sets that values are written into the base's arrays, for a base that asks no store. */
        public Builder optOpaque(OpaqueBase arrays) {
            this.opaque = arrays;
            return this;
        }

        /** Builds the task's parameters. */
        public OverlayParameters build() {
            for (Pair<String, Parameter> entry : base.parameters()) {
                Parameter.Type type = entry.getValue().getType();
                if (type == Parameter.Type.RUNNING_MEAN || type == Parameter.Type.RUNNING_VAR) {
                    addOwned(List.of(entry.getKey()));
                }
            }
            return new OverlayParameters(this);
        }
    }
}
