package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.SharedData;
import dev.engram.onnx.testing.TwoLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of many tasks at once, while adapters come and go. */
class ConcurrentTasksTest {

    @TempDir Path folder;

    private Path prepared() {
        return PreparedModel.of(TwoLayers.in(folder), folder);
    }

    @Test
    void eightThreadsWithEightTasksNeverMix() throws Exception {
        neverMix(prepared(), 2_000);
    }

    @Test
    void eightThreadsWithEightTasksNeverMixOnTinyBert() throws Exception {
        neverMix(PreparedModel.of(SharedData.onnx("tinybert.onnx"), folder), 300);
    }

    private void neverMix(Path prepared, int rounds) throws Exception {
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            List<float[]> expected = new ArrayList<>();
            for (long seed = 0; seed < 8; seed++) {
                server.load("task" + seed, PreparedModel.adapter(prepared, seed));
                expected.add(Ort.first(server.run("task" + seed, inputs)));
            }
            assertThat(expected.stream().map(Arrays::toString).distinct()).hasSize(8);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int first = thread;
                wrong.add(threads.submit(() -> wrongOf(server, inputs, expected, first, rounds)));
            }
            for (Future<Integer> count : wrong) {
                assertThat(count.get()).isZero();
            }
            threads.shutdown();
        }
    }

    private static int wrongOf(
            OnnxTaskServer server,
            Map<String, OnnxTensor> inputs,
            List<float[]> expected,
            int first,
            int rounds) {
        int wrong = 0;
        for (int round = 0; round < rounds; round++) {
            int task = (first + round) % expected.size();
            float[] seen = Ort.first(server.run("task" + task, inputs));
            wrong += Arrays.equals(seen, expected.get(task)) ? 0 : 1;
        }
        return wrong;
    }

    @Test
    void whileAdaptersComeAndGoNoRunEverGivesTheBasesOutputs() throws Exception {
        Path prepared = prepared();
        Path one = PreparedModel.adapter(prepared, 1);
        Path two = PreparedModel.adapter(prepared, 2);
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            float[] first = Ort.run(alone, inputs, OnnxAdapterFile.read(one));
            float[] second = Ort.run(alone, inputs, OnnxAdapterFile.read(two));
            server.load("task", one);
            AtomicBoolean over = new AtomicBoolean();
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<int[]>> seen = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                seen.add(threads.submit(() -> count(server, inputs, first, second, over)));
            }
            for (int change = 0; change < 500; change++) {
                server.replace("task", change % 2 == 0 ? two : one);
                if (change % 10 == 9) {
                    server.unload("task");
                    server.load("task", one);
                }
            }
            over.set(true);
            int[] all = new int[4];
            for (Future<int[]> counts : seen) {
                for (int i = 0; i < 4; i++) {
                    all[i] += counts.get()[i];
                }
            }
            threads.shutdown();
            assertThat(all[3]).as("neither the one nor the other").isZero();
            assertThat(all[0]).as("the first").isPositive();
            assertThat(all[1]).as("the second").isPositive();
        }
    }

    /** Counts outputs of the first adapter, of the second, refusals, and any others. */
    private static int[] count(
            OnnxTaskServer server,
            Map<String, OnnxTensor> inputs,
            float[] first,
            float[] second,
            AtomicBoolean over) {
        int[] counts = new int[4];
        while (!over.get()) {
            try {
                float[] seen = Ort.first(server.run("task", inputs));
                counts[Arrays.equals(seen, first) ? 0 : Arrays.equals(seen, second) ? 1 : 3]++;
            } catch (EngramException e) {
                counts[2]++;
            }
        }
        return counts;
    }

    @Test
    void closingWaitsForRunsAndWhatTheyReturnedIsRight() throws Exception {
        Path prepared = prepared();
        try (OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            float[] expected =
                    Ort.run(
                            alone,
                            inputs,
                            OnnxAdapterFile.read(PreparedModel.adapter(prepared, 1)));
            for (int round = 0; round < 20; round++) {
                OnnxTaskServer server = PreparedModel.open(prepared);
                server.load("task", PreparedModel.adapter(prepared, 1));
                AtomicBoolean over = new AtomicBoolean();
                ExecutorService threads = Executors.newFixedThreadPool(4);
                List<Future<int[]>> seen = new ArrayList<>();
                for (int thread = 0; thread < 4; thread++) {
                    seen.add(threads.submit(() -> count(server, inputs, expected, expected, over)));
                }
                Thread.sleep(10);
                server.close();
                over.set(true);
                for (Future<int[]> counts : seen) {
                    assertThat(counts.get()[3]).isZero();
                }
                threads.shutdown();
            }
        }
    }
}
