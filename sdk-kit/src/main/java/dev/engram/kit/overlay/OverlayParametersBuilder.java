package dev.engram.kit.overlay;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds {@link OverlayParameters}.
 *
 * <p>The statistics of batch normalisations get a copy for the task whether or not anybody asks:
 * training would otherwise change those of the base.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OverlayParametersBuilder {

    final Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
    final Map<String, Parameter> targets = new LinkedHashMap<>();
    final Map<String, String> paths = new LinkedHashMap<>();
    final PairList<String, Parameter> parameters = new PairList<>();
    final Set<String> computed = new HashSet<>();
    Block block;
    @Nullable OpaqueBase opaque;
    private final BaseModel base;

    /** Begins with no overlays over a base. */
    public OverlayParametersBuilder(BaseModel base) {
        this.base = base;
        this.block = base.block();
    }

    /** Puts an overlay over the parameter of a path name. */
    public OverlayParametersBuilder addOverlay(String path, ParameterOverlay overlay) {
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
    public OverlayParametersBuilder addOwned(Collection<String> names) {
        for (String path : names) {
            Parameter original = base.parameters().get(path);
            if (original != null && !overlays.containsKey(original.getId())) {
                addOverlay(path, new OwnCopy(original, base.manager()));
            }
        }
        return this;
    }

    /** Sets the block that computes the outputs; the base's unless set. */
    public OverlayParametersBuilder optBlock(Block forward) {
        this.block = forward;
        return this;
    }

    /** Names overlays that the block of {@link #optBlock} computes itself: the store passes by. */
    public OverlayParametersBuilder addComputed(Collection<String> names) {
        computed.addAll(names);
        return this;
    }

    /** Sets that values are written into the base's arrays, for a base that asks no store. */
    public OverlayParametersBuilder optOpaque(OpaqueBase arrays) {
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
