package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.Stable;

/**
 * A whole copy of a parameter for one task, which begins with the base's values: the right thing
 * for a head, and for the statistics of a batch normalisation.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OwnCopy implements ParameterOverlay {

    private final Parameter copy;

    /**
     * Copies a parameter.
     *
     * @param manager owns the copy
     */
    public OwnCopy(Parameter original, NDManager manager) {
        NDArray array = original.getArray().duplicate();
        array.attach(manager);
        boolean trains =
                original.getType() != Parameter.Type.RUNNING_MEAN
                        && original.getType() != Parameter.Type.RUNNING_VAR;
        copy = OwnParameters.of("copy", original.getType(), array, trains);
    }

    /** Returns the name that the copy of a parameter has among a task's parameters. */
    public static String name(String path) {
        return path + "/copy";
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> own = new PairList<>();
        own.add("copy", copy);
        return own;
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        return values.of(copy);
    }
}
