package dev.engram.onnx.internal.write;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.training.InputCheck;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Whether ONNX Runtime answers samples by a file as a block does.
 *
 * <p>NaN agrees with NaN only where the file that the block came from gives NaN for the sample,
 * too: a model that masks whole rows does so on purpose; elsewhere the training broke it.
 */
public final class Agreement {

    private static final double HALF = 0.02;
    private static final double BRAIN = 0.05;

    private final TrainedGraph model;
    private final List<NDList> samples;
    private final double tolerance;

    /**
     * Creates it.
     *
     * @param types the element types that the trained values have in the file
     */
    public Agreement(
            TrainedGraph model,
            Collection<ElementType> types,
            List<NDList> samples,
            double tolerance) {
        this.model = model;
        this.samples = samples;
        double rounding = rounding(types);
        this.tolerance = rounding > 0 ? Math.max(tolerance, rounding) : tolerance;
    }

    /** What a file of half precision may lose of the values that were trained in float32. */
    private static double rounding(Collection<ElementType> types) {
        return types.stream()
                .mapToDouble(
                        type ->
                                switch (type) {
                                    case FLOAT16 -> HALF;
                                    case BFLOAT16 -> BRAIN;
                                    default -> 0;
                                })
                .max()
                .orElse(0);
    }

    /** Refuses a file that answers otherwise. */
    public void require(Path written, Path target) {
        List<String> differing = new ArrayList<>();
        try (OrtRun runtime = new OrtRun(written);
                NDManager manager = RequiredEngine.get("PyTorch").newBaseManager(Device.cpu())) {
            for (NDList sample : samples) {
                for (NDList piece : model.batch().pieces(copied(sample, manager), manager)) {
                    differing.addAll(differing(fitting(piece), runtime, manager));
                }
            }
        }
        if (!differing.isEmpty()) {
            throw new OnnxException(
                    "%s was not written: in ONNX Runtime the new file gives other outputs than the trained block, more than %s: %s. Raise the tolerance only if such a difference does not matter to you"
                            .formatted(target, tolerance, String.join(", ", differing)));
        }
    }

    private static NDList copied(NDList sample, NDManager manager) {
        NDList inputs = new NDList();
        for (NDArray array : sample) {
            NDArray copy = array.toDevice(Device.cpu(), true);
            copy.attach(manager);
            inputs.add(copy);
        }
        return inputs;
    }

    private NDList fitting(NDList sample) {
        return new InputCheck(model.file(), model.inputs()).fit(sample);
    }

    private List<String> differing(NDList inputs, OrtRun runtime, NDManager manager) {
        NDList expected = model.forward(new ParameterStore(manager, true), inputs, false);
        List<double[]> seen = runtime.run(model.inputs(), inputs, model.outputs());
        requireNumbers(seen, inputs);
        List<double[]> before = hasNaN(seen) ? original(inputs) : List.of();
        List<String> differing = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            IntPredicate mayBeNaN = nans(before.isEmpty() ? new double[0] : before.get(i));
            double by = Difference.relative(expected.get(i), seen.get(i), mayBeNaN);
            if (!(by <= tolerance)) {
                differing.add(model.outputs().get(i).name() + " by " + by);
            }
        }
        return differing;
    }

    private static void requireNumbers(List<double[]> seen, NDList inputs) {
        if (seen.stream().allMatch(numbers -> numbers.length == 0)) {
            throw new OnnxException(
                    "A sample of the shapes %s has empty outputs, on which any file would agree: add samples with something in them"
                            .formatted(Arrays.toString(inputs.getShapes())));
        }
    }

    private static boolean hasNaN(List<double[]> outputs) {
        return outputs.stream().flatMapToDouble(Arrays::stream).anyMatch(Double::isNaN);
    }

    private List<double[]> original(NDList inputs) {
        try (OrtRun before = new OrtRun(model.file())) {
            return before.run(model.inputs(), inputs, model.outputs());
        }
    }

    private static IntPredicate nans(double[] numbers) {
        return place -> place < numbers.length && Double.isNaN(numbers[place]);
    }
}
