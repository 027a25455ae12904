package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import dev.engram.api.Stable;

/**
 * Copies values into memory that the engine itself owns, so that views of them outlive the array.
 *
 * <p>On CPU DJL 0.36 puts what comes from Java into a direct buffer of the JVM, which only that one
 * {@code NDArray} holds: {@code create(float[])}, {@code create(1f)}, {@code set(float[])}, {@code
 * copyTo}, {@code NDArray.decode} and with it every parameter of {@code model.load}. A view of such
 * an array ({@code get} with ranges, {@code reshape}, {@code stopGradient}, {@code squeeze}, {@code
 * split}, and also {@code toType(type, true)} and {@code toDevice(device, true)}, which copy only
 * what changes) reads garbage once the array is closed or collected, and so does the graph of
 * autograd. {@code set} and {@code copyTo} also take the memory away from views made before.
 *
 * <p>What outlives the scope of its maker is therefore copied with {@link #copy}, and what is
 * written into arrays that others hold is written with {@link #write}.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class EngineMemory {

    private static final NDIndex ALL = new NDIndex("...");

    private EngineMemory() {}

    /**
     * Returns a copy, cut off from autograd, of the same name, type and device.
     *
     * @param manager owns the copy; a scope that is open, as while an ONNX graph runs, does not
     *     close it
     */
    public static NDArray copy(NDArray array, NDManager manager) {
        try (NDArray cut = array.stopGradient()) {
            NDArray copy = cut.duplicate();
            copy.attach(manager);
            NDScope.unregister(copy);
            copy.setName(array.getName());
            return copy;
        }
    }

    /**
     * Writes values into the memory that an array has, where all its views see them.
     *
     * @param values of the same shape and type, on any device
     * @param into an array that requires no gradient
     */
    public static void write(NDArray values, NDArray into) {
        try (NDArray cut = values.stopGradient()) {
            NDArray here = cut.toDevice(into.getDevice(), false);
            into.set(ALL, here);
            if (here != cut) {
                here.close();
            }
        }
    }
}
