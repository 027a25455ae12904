package dev.engram.adapters;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.overlay.OverlayParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The adapters of one task, inside the blocks of the base. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class TaskAdapters implements TaskParameters {

    private final OverlayParameters owned;
    private final Map<String, Adapter> adapters;

    /**
     * Creates them.
     *
     * @param owned what the task has as whole copies, over the base with the adapters inside
     */
    TaskAdapters(OverlayParameters owned, Map<String, Adapter> adapters) {
        this.owned = owned;
        this.adapters = new LinkedHashMap<>(adapters);
    }

    /**
     * Returns the parameters by place, such as {@code 02Transformer_feedForward_down_weight}, then
     * copies.
     */
    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = new PairList<>();
        for (Adapter adapter : adapters.values()) {
            adapter.parameters().forEach(parameter -> all.add(parameter.getName(), parameter));
        }
        all.addAll(owned.parameters());
        return all;
    }

    @Override
    public NDList forward(ForwardPass pass) {
        return owned.forward(pass);
    }

    /** Hands the arrays over to the manager that outlives their making. */
    TaskAdapters keptBy(NDManager manager) {
        parameters().values().forEach(parameter -> parameter.getArray().attach(manager));
        return this;
    }

    /** Returns the paths of the base's parameters of which the task has a whole copy. */
    List<String> copies() {
        return owned.paths();
    }

    @Override
    public String toString() {
        return "adapters at %s and copies of %s".formatted(adapters.keySet(), copies());
    }

    Adapter at(String place) {
        Adapter adapter = adapters.get(place);
        if (adapter == null) {
            throw new IllegalArgumentException("No adapter at \"%s\"".formatted(place));
        }
        return adapter;
    }
}
