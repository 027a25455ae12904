package dev.engram.benchmark.cost;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.engram.benchmark.results.RunResult;
import dev.engram.onnx.OnnxBlock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** What it costs to read a file of 100 MB, in a process of its own: a peak never sinks again. */
final class LoadCost {

    private static final int LAYERS = 25;
    private static final int WIDTH = 1024;

    private final Path file;

    LoadCost(Path file) {
        this.file = file;
    }

    RunResult run() throws IOException {
        OnnxGraph graph = new OnnxGraph(1, WIDTH);
        String value = "x";
        for (int i = 0; i < LAYERS; i++) {
            value = graph.node("MatMul", value, graph.weight(numbers(i), WIDTH, WIDTH));
        }
        graph.write(value, file);
        double[] measured = inProcess();
        double megabytes = Files.size(file) / 1e6;
        RunResult result = new RunResult("onnx-cost", null, "load", null);
        result.loadSeconds = measured[0];
        result.peakOverFile = measured[1] / Files.size(file);
        result.peakMegabytes = measured[1] / 1e6;
        System.out.printf(
                "a file of %.0f MB: read as bytes in %.2f s, as OnnxBlock in %.2f s; peak above the"
                        + " process before %.0f MB = %.2f x the file; Java heap in"
                        + " use afterwards %.0f MB%n",
                megabytes,
                measured[2],
                measured[0],
                result.peakMegabytes,
                result.peakOverFile,
                measured[3] / 1e6);
        return result;
    }

    private static float[] numbers(int seed) {
        Random random = new Random(seed);
        float[] numbers = new float[WIDTH * WIDTH];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextFloat();
        }
        return numbers;
    }

    private double[] inProcess() throws IOException {
        Process child =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                LoadCost.class.getName(),
                                file.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String answer =
                new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String[] parts = answer.substring(answer.lastIndexOf('\n') + 1).split(" ", -1);
        double[] measured = new double[4];
        for (int i = 0; i < measured.length; i++) {
            measured[i] = Double.parseDouble(parts[i]);
        }
        return measured;
    }

    /** Reads the file; prints seconds, bytes of peak, seconds of the bytes alone, heap in use. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        readSmall();
        long begin = System.nanoTime();
        readInPieces(file);
        long middle = System.nanoTime();
        double bare = PeakMemory.now();
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        double load = (System.nanoTime() - middle) / 1e9;
        double peak = PeakMemory.highest() - bare;
        System.gc();
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        block.clear();
        System.out.println(load + " " + peak + " " + (middle - begin) / 1e9 + " " + heap);
    }

    /** The engine and the classes take memory of their own, once: it is not the file's. */
    private static void readSmall() throws IOException {
        Path small = Files.createTempFile("engram-cost", ".onnx");
        OnnxGraph graph = new OnnxGraph(1, 2);
        graph.write(graph.node("MatMul", "x", graph.weight(new float[4], 2, 2)), small);
        OnnxBlock block = OnnxBlock.builder().setModel(small).build();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList input = new NDList(manager.ones(new Shape(1, 2)));
            block.forward(new ParameterStore(manager, false), input, false);
        }
        block.clear();
        Files.delete(small);
        System.gc();
    }

    private static void readInPieces(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[1 << 16];
            while (in.read(piece) >= 0) {
                // Only the reading is measured.
            }
        }
    }
}
