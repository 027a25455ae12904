package dev.engram.djl.internal.parameters;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The running means and variances of a model's batch normalisations at one moment, by path name.
 *
 * <p>No optimizer trains them: every pass in training mode moves them.
 */
public record RunningStatistics(Map<String, NDArray> values) {

    private static final float EPSILON = 1e-5f;

    /** Copies those of a model that lies where it trains. */
    public static RunningStatistics of(Block block, NDManager owner) {
        return of(block, owner, Parameter::getArray);
    }

    /** Copies those that a trainer's store has on a device. */
    public static RunningStatistics of(
            Block block, ParameterStore store, Device device, NDManager owner) {
        return of(block, owner, parameter -> store.getValue(parameter, device, false));
    }

    private static RunningStatistics of(Block block, NDManager owner, Arrays arrays) {
        Map<String, NDArray> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : LiveParameters.distinct(block)) {
            // Tasks with parameters of their own have copies of them.
            if (!(block instanceof IsolatedBlock)
                    && entry.getValue().isInitialized()
                    && LiveParameters.STATISTICS.contains(entry.getValue().getType())) {
                values.put(entry.getKey(), EngineMemory.copy(arrays.of(entry.getValue()), owner));
            }
        }
        return new RunningStatistics(values);
    }

    /** Returns copies. */
    public RunningStatistics copy(NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, EngineMemory.copy(value, owner)));
        return new RunningStatistics(copies);
    }

    /**
     * Writes them into a model.
     *
     * @throws EngramException naming all that the model lacks, or has in another shape; nothing is
     *     changed then
     */
    public void into(Block block) {
        ParameterList parameters = block.getParameters();
        List<String> problems = new ArrayList<>();
        values.forEach(
                (name, value) -> {
                    Parameter target = parameters.get(name);
                    if (target == null || !target.getArray().getShape().equals(value.getShape())) {
                        problems.add(name);
                    }
                });
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "These statistics are another model's: here are no %s of their shapes"
                            .formatted(problems));
        }
        values.forEach((name, value) -> EngineMemory.write(value, parameters.get(name).getArray()));
    }

    /**
     * Returns how far the means lie from others', in standard deviations of those, on average over
     * all channels of the layer where they lie farthest; waits for the device.
     */
    public double distance(RunningStatistics others) {
        double most = 0;
        for (Map.Entry<String, NDArray> entry : values.entrySet()) {
            String mean = entry.getKey();
            NDArray from = others.values.get(mean);
            NDArray variance = others.values.get(mean.replace("runningMean", "runningVar"));
            if (mean.endsWith("runningMean") && from != null && variance != null) {
                most = Math.max(most, distance(entry.getValue(), from, variance));
            }
        }
        return most;
    }

    private static double distance(NDArray mean, NDArray from, NDArray variance) {
        if (!mean.getShape().equals(from.getShape())) {
            return 0;
        }
        try (NDManager scratch = mean.getManager().newSubManager()) {
            NDArray deviation = EngineMemory.copy(variance, scratch);
            deviation.addi(EPSILON);
            NDArray apart = EngineMemory.copy(mean, scratch).subi(from);
            NDArray far = apart.abs().div(deviation.sqrt()).mean();
            far.attach(scratch);
            return far.toType(DataType.FLOAT64, true).getDouble();
        }
    }

    /** Where the arrays are. */
    private interface Arrays {

        NDArray of(Parameter parameter);
    }
}
