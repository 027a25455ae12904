package dev.engram.kit.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Compares blocks with themselves composed anew, in evaluation mode. */
final class Verification {

    private static final double TOLERANCE = 1e-5;

    private final KnownBlocks known;

    Verification(KnownBlocks known) {
        this.known = known;
    }

    /** Compares the outermost blocks for which inputs can be told. */
    void verify(String path, Block block) {
        Optional<BlockComposer> composer = known.of(block);
        List<Parameter> parameters = block.getParameters().values();
        if (composer.isEmpty() || parameters.isEmpty()) {
            return;
        }
        NDArray some = parameters.get(0).getArray();
        try (NDManager manager = some.getManager().newSubManager(some.getDevice())) {
            Optional<NDList> inputs = composer.get().sample(block, manager);
            if (inputs.isPresent()) {
                compare(path, block, anew(path, block), inputs.get());
                return;
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            verify(Composition.join(path, child.getKey()), child.getValue());
        }
    }

    private Block anew(String path, Block block) {
        return new CompositionRun(known, new Insertion() {}, true).child(path, block);
    }

    static double compare(String path, Block original, Block anew, NDList inputs) {
        NDManager manager = inputs.getManager();
        ParameterStore store = new ParameterStore(manager, false);
        NDList expected = original.forward(store, inputs, false);
        NDList actual = anew.forward(store, inputs, false);
        double difference = expected.size() == actual.size() ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            difference = Math.max(difference, difference(expected.get(i), actual.get(i)));
        }
        if (difference > TOLERANCE) {
            throw refusal(path, original, difference);
        }
        return difference;
    }

    private static double difference(NDArray expected, NDArray actual) {
        float[] a = numbers(expected);
        float[] b = numbers(actual);
        if (Arrays.equals(a, b) && expected.getShape().equals(actual.getShape())) {
            return 0;
        }
        double largest = 0;
        double apart = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            largest = Math.max(largest, Math.abs(a[i]));
            apart = Math.max(apart, Math.abs((double) a[i] - b[i]));
        }
        // Not a number on one side only: nothing is nearer than that.
        return Double.isNaN(apart) || largest == 0 ? Double.POSITIVE_INFINITY : apart / largest;
    }

    private static float[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private static EngramException refusal(String path, Block block, double difference) {
        return new EngramException(
                "%s at \"%s\" was composed anew and then computed something else: its outputs differ by %.1e of the largest. Another version of the class, or a subclass of it, needs a %s of its own."
                        .formatted(
                                block.getClass().getName(),
                                path,
                                difference,
                                BlockComposer.class.getName()));
    }
}
