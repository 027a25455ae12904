package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.api.Stable;

/** Makes parameters that no block owns. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OwnParameters {

    private OwnParameters() {}

    /** Returns a trainable weight with these values. */
    public static Parameter trained(String name, NDArray values) {
        return of(name, Parameter.Type.WEIGHT, values, true);
    }

    /** Returns a weight that nobody trains, but that is kept with the others. */
    public static Parameter frozen(String name, NDArray values) {
        return of(name, Parameter.Type.WEIGHT, values, false);
    }

    static Parameter of(String name, Parameter.Type type, NDArray values, boolean trains) {
        Parameter parameter =
                Parameter.builder()
                        .setName(name)
                        .setType(type)
                        .optArray(values)
                        .optRequiresGrad(trains)
                        .build();
        values.setRequiresGradient(trains);
        return parameter;
    }
}
