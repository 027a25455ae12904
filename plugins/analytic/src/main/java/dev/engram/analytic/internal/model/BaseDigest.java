package dev.engram.analytic.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.kit.files.Sha256;
import java.util.Collection;
import java.util.List;

/** Tells whether a base is still the one whose features were summed, to the last bit. */
public final class BaseDigest {

    private BaseDigest() {}

    /** Returns a digest of the values of some parameters; waits for the device. */
    public static String of(List<Parameter> parameters) {
        return ofValues(parameters.stream().map(Parameter::getArray).toList());
    }

    /** Returns the same of the values themselves, in the model's order. */
    public static String ofValues(Collection<NDArray> values) {
        Sha256 sum = Sha256.begin();
        values.forEach(value -> sum.put(value.toByteBuffer()));
        return sum.hex();
    }
}
