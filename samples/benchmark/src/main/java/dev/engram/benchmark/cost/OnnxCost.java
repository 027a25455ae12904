package dev.engram.benchmark.cost;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.engram.benchmark.results.RunResult;
import dev.engram.onnx.OnnxBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures forward and backward passes through ONNX files against the same networks of DJL's own
 * blocks, in alternation on one host thread, and what it costs to read a large file.
 */
public final class OnnxCost {

    /** The JVM compiles the interpreter's code for about so long. */
    private static final double WARM_UP_SECONDS = 5;

    private static final int BLOCK = 10;
    private static final double AGREEMENT = 1e-4;

    private final int steps;

    public OnnxCost(int steps) {
        this.steps = steps;
    }

    public List<RunResult> run() throws IOException {
        List<RunResult> results = new ArrayList<>();
        Path file = Files.createTempFile("engram-cost", ".onnx");
        try {
            results.add(new LoadCost(file).run());
            try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
                results.add(measure(TwinNetwork.perceptron(64, manager, file), manager));
                results.add(measure(TwinNetwork.perceptron(8, manager, file), manager));
                results.add(measure(TwinNetwork.convolutions(32, manager, file), manager));
                results.add(measure(TwinNetwork.encoder(16, manager, file), manager));
            }
        } finally {
            Files.delete(file);
        }
        return results;
    }

    private RunResult measure(TwinNetwork twin, NDManager manager) throws IOException {
        OnnxBlock onnx = OnnxBlock.builder().setModel(twin.file()).build();
        try (NDArray input = manager.randomNormal(twin.input())) {
            onnx.initialize(manager, input.getDataType(), twin.input());
            requireAlike(twin, onnx, input);
            double[] own = new double[steps];
            double[] other = new double[steps];
            warmUp(onnx, twin.block(), input);
            for (int i = 0; i < steps; i++) {
                if (i % 2 == 0) {
                    own[i] = pass(onnx, input);
                    other[i] = pass(twin.block(), input);
                } else {
                    other[i] = pass(twin.block(), input);
                    own[i] = pass(onnx, input);
                }
            }
            return report(twin, own, other);
        } finally {
            onnx.clear();
        }
    }

    private static void warmUp(Block own, Block other, NDArray input) {
        double left = WARM_UP_SECONDS * 1000;
        while (left > 0) {
            left -= pass(own, input) + pass(other, input);
        }
    }

    private RunResult report(TwinNetwork twin, double[] own, double[] other) {
        RunResult result = new RunResult("onnx-cost", null, twin.name(), null);
        result.stepMillis = StepTimes.median(own);
        result.stepRatio = StepTimes.medianRatio(own, other, BLOCK);
        System.out.printf(
                "%s: forward and backward %.3f ms through OnnxBlock, %.3f ms of DJL's blocks,"
                        + " median ratio of blocks of passes %.3f%n",
                twin.name(), result.stepMillis, StepTimes.median(other), result.stepRatio);
        return result;
    }

    private static double pass(Block block, NDArray data) {
        try (NDManager scope = data.getManager().newSubManager()) {
            NDArray input = data.stopGradient();
            input.attach(scope);
            long begin = System.nanoTime();
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDList outputs =
                        block.forward(new ParameterStore(scope, false), new NDList(input), true);
                collector.backward(outputs.head().square().sum());
            }
            return (System.nanoTime() - begin) / 1e6;
        }
    }

    /** A ratio between networks that compute other things would mean nothing. */
    private static void requireAlike(TwinNetwork twin, OnnxBlock onnx, NDArray data) {
        try (NDManager scope = data.getManager().newSubManager()) {
            NDArray input = data.stopGradient();
            input.attach(scope);
            ParameterStore store = new ParameterStore(scope, false);
            NDArray here = onnx.forward(store, new NDList(input), false).head();
            NDArray there = twin.block().forward(store, new NDList(input), false).head();
            float difference = here.sub(there).abs().max().getFloat();
            long values = count(onnx);
            long wanted = count(twin.block());
            if (!(difference < AGREEMENT) || values != wanted) {
                throw new IllegalStateException(
                        "%s: the outputs differ by %s, and %d values train instead of %d"
                                .formatted(twin.name(), difference, values, wanted));
            }
        }
    }

    private static long count(Block block) {
        return block.getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }
}
