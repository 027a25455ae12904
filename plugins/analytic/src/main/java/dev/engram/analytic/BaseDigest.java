package dev.engram.analytic;

import ai.djl.nn.Parameter;
import dev.engram.kit.files.Sha256;
import java.util.List;

/** Tells whether a base is still the one whose features were summed, to the last bit. */
final class BaseDigest {

    private BaseDigest() {}

    /** Returns a digest of the values of some parameters; waits for the device. */
    static String of(List<Parameter> parameters) {
        Sha256 sum = Sha256.begin();
        parameters.forEach(parameter -> sum.put(parameter.getArray().toByteBuffer()));
        return sum.hex();
    }
}
