package dev.engram.djl.internal.parameters;

import ai.djl.Device;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;

/** The parameters that train, followed while the user freezes and thaws some. */
public final class TrainedParameters {

    private final ParameterStore store;
    private final Device device;
    private final List<Pair<String, Parameter>> all;
    private final IdentityHashMap<Parameter, LiveParameter> handles = new IdentityHashMap<>();
    private List<LiveParameter> trained;

    public TrainedParameters(Block block, ParameterStore store, Device device) {
        this.store = store;
        this.device = device;
        this.all = LiveParameters.distinct(block);
        this.trained = LiveParameters.of(block, store, device);
        trained.forEach(live -> handles.put(live.parameter(), live));
    }

    public List<LiveParameter> list() {
        return trained;
    }

    /** Looks again which parameters train and returns whether they are others than before. */
    public boolean renew() {
        int next = 0;
        boolean same = true;
        for (Pair<String, Parameter> entry : all) {
            if (entry.getValue().requiresGradient()) {
                same &= next < trained.size() && trained.get(next).parameter() == entry.getValue();
                next++;
            }
        }
        if (same && next == trained.size()) {
            return false;
        }
        trained = now();
        return true;
    }

    /** Guards may hold handles of parameters that do not train now, so all stay to the end. */
    public void release() {
        LiveParameters.release(List.copyOf(handles.values()));
        handles.clear();
    }

    private List<LiveParameter> now() {
        List<LiveParameter> found = new ArrayList<>();
        for (Pair<String, Parameter> entry : all) {
            if (entry.getValue().requiresGradient()) {
                found.add(
                        handles.computeIfAbsent(
                                entry.getValue(),
                                thawed -> LiveParameters.live(entry, store, device)));
            }
        }
        return Collections.unmodifiableList(found);
    }
}
