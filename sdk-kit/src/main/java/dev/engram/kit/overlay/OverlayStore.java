package dev.engram.kit.overlay;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import dev.engram.api.Experimental;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The store of one forward pass, on one thread: answers a task's values where it has some. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OverlayStore extends ParameterStore {

    private final ParameterStore under;
    private final Map<String, ParameterOverlay> overlays;
    private final NDManager scope;
    private final Map<Asked, NDArray> answered = new HashMap<>();

    /**
     * Creates it.
     *
     * @param overlays by the id of the base's parameter
     * @param scope owns what is computed
     */
    public OverlayStore(
            ParameterStore under, Map<String, ParameterOverlay> overlays, NDManager scope) {
        super(under.getManager(), false);
        this.under = under;
        this.overlays = overlays;
        this.scope = scope;
    }

    @Override
    public NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
        ParameterOverlay overlay = parameter == null ? null : overlays.get(parameter.getId());
        if (parameter == null || overlay == null) {
            return under.getValue(parameter, device, training);
        }
        Asked asked = new Asked(parameter.getId(), device);
        NDArray value = answered.get(asked);
        if (value == null) {
            NDArray base = under.getValue(parameter, device, training);
            value = overlay.value(base, new PassValues(under, scope, device, training));
            answered.put(asked, value);
        }
        return value;
    }

    @Override
    public void setParameterServer(ParameterServer server, Device[] devices) {
        under.setParameterServer(server, devices);
    }

    @Override
    public void updateAllParameters() {
        under.updateAllParameters();
    }

    @Override
    public void sync() {
        under.sync();
    }

    /** A block that uses a parameter twice in a pass gets the same value. */
    private record Asked(String parameter, Device device) {}
}
