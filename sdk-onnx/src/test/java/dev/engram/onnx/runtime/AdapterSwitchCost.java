package dev.engram.onnx.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.RandomAdapters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Prints what another task at each request costs, as a share of a request; asserts nothing.
 *
 * <p>All variants take turns within one process, many times; printed are medians over the turns.
 * The time is that of the thread on the CPU. Run with the path of a TinyBERT.
 */
public final class AdapterSwitchCost {

    private static final int TASKS = 8;
    private static final int TURNS = 100;
    private static final int RUNS = 100;

    private AdapterSwitchCost() {}

    public static void main(String[] args) throws IOException, OrtException {
        Path model = Path.of(args[0]);
        Path prepared = Files.createTempFile("prepared", ".onnx");
        AdapterSlots slots = AdapterSlots.add(model, LayerSelection.all(), prepared);
        try (OnnxTaskServer server =
                        OnnxTaskServer.builder().setModel(prepared).optThreads(1).build();
                OrtSession original = Ort.session(model)) {
            for (int task = 0; task < TASKS; task++) {
                server.load("task" + task, RandomAdapters.of(slots, 8, task));
            }
            for (int length : new int[] {16, 64, 100}) {
                measure(server, original, length);
            }
        }
        Files.delete(prepared);
    }

    private static void measure(OnnxTaskServer server, OrtSession original, int length)
            throws OrtException {
        Map<String, OnnxTensor> inputs = inputs(original, length);
        Map<String, IntFunction<OrtSession.Result>> variants = new LinkedHashMap<>();
        variants.put("original file", i -> plain(original, inputs));
        variants.put("slots, no adapter", i -> server.runBase(inputs));
        variants.put("the same task always", i -> server.run("task" + i / RUNS, inputs));
        variants.put("two tasks in turn", i -> server.run("task" + i % 2, inputs));
        variants.put("eight tasks in turn", i -> server.run("task" + i % TASKS, inputs));
        Map<String, List<Double>> times = new LinkedHashMap<>();
        for (int turn = 0; turn < TURNS; turn++) {
            variants.forEach(
                    (name, run) ->
                            times.computeIfAbsent(name, n -> new ArrayList<>()).add(time(run)));
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        times.forEach((name, all) -> medians.put(name, median(all)));
        System.out.printf("%nsequence of %d tokens, 1 thread, rank 8%n", length);
        medians.forEach((name, micros) -> System.out.printf("  %-24s %8.1f us%n", name, micros));
        print("of switching between two", times, "two tasks in turn", "the same task always");
        print("of switching between eight", times, "eight tasks in turn", "the same task always");
        print("of an adapter", times, "the same task always", "original file");
    }

    /** The median of the ratios within each turn, which a busy machine disturbs least. */
    private static void print(String what, Map<String, List<Double>> times, String of, String to) {
        List<Double> ratios = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            ratios.add(times.get(of).get(turn) / times.get(to).get(turn));
        }
        System.out.printf("  cost %-28s %+.2f %%%n", what, 100 * (median(ratios) - 1));
    }

    /** CPU time of this thread, in which ONNX Runtime runs: other processes disturb it less. */
    private static double time(IntFunction<OrtSession.Result> run) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < RUNS; i++) {
            run.apply(i).close();
        }
        return (threads.getCurrentThreadCpuTime() - begin) / 1e3 / RUNS;
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().skip(10).mapToDouble(v -> v).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static OrtSession.Result plain(OrtSession session, Map<String, OnnxTensor> inputs) {
        try {
            return session.run(inputs);
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, OnnxTensor> inputs(OrtSession session, int length)
            throws OrtException {
        Random random = new Random(length);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (String name : session.getInputNames()) {
            long[] ids =
                    !name.contains("mask") && !name.contains("type")
                            ? random.longs(length, 0, 100).toArray()
                            : filled(length, name.contains("mask") ? 1 : 0);
            inputs.put(
                    name,
                    OnnxTensor.createTensor(
                            Ort.ENVIRONMENT, LongBuffer.wrap(ids), new long[] {1, length}));
        }
        return inputs;
    }

    private static long[] filled(int length, long value) {
        long[] values = new long[length];
        Arrays.fill(values, value);
        return values;
    }
}
