package dev.engram.kit.overlay;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;

/** The values of parameters in one forward pass. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class PassValues {

    private final ParameterStore store;
    private final NDManager scope;
    private final Device device;
    private final boolean training;
    private final boolean repeats;

    /**
     * Creates them.
     *
     * @param scope owns the handles, and with them all that is computed from them
     */
    public PassValues(ParameterStore store, NDManager scope, Device device, boolean training) {
        this(store, scope, device, training, false);
    }

    private PassValues(
            ParameterStore store,
            NDManager scope,
            Device device,
            boolean training,
            boolean repeats) {
        this.store = store;
        this.scope = scope;
        this.device = device;
        this.training = training;
        this.repeats = repeats;
    }

    /** Returns those for computing once more, for its gradient, what a training pass used. */
    static PassValues again(ParameterStore store, NDManager scope, Device device) {
        return new PassValues(store, scope, device, true, true);
    }

    /** Returns whether the pass trains. */
    public boolean training() {
        return training;
    }

    /**
     * Returns whether the value of the last training pass is computed once more, for its gradient:
     * what was drawn at random then must be the same now.
     */
    public boolean repeats() {
        return repeats;
    }

    /** Returns the parameter's live array itself, which belongs to somebody else. */
    public NDArray live(Parameter parameter) {
        return store.getValue(parameter, device, training);
    }

    /** Returns a handle on the parameter's values in the scope of the pass, inside autograd. */
    public NDArray of(Parameter parameter) {
        return in(live(parameter));
    }

    /**
     * Returns a handle on an array in the scope of the pass, inside autograd.
     *
     * <p>Results of an operation belong to the manager of its first operand: computed from the
     * array itself they would live as long as the model.
     */
    public NDArray in(NDArray array) {
        NDArray handle = array.reshape(array.getShape());
        handle.attach(scope);
        return handle;
    }
}
