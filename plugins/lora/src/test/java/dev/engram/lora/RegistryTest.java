package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegistryTest {

    private static final double TOLERANCE = 1e-5;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Bases.class)
    void aMergedBaseGivesTheTasksOutputsAndTheTaskIsGone(Bases kind) {
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 1);
        float[] wanted = kind.outputs(model, tasks.handle("task-1").block(), 0);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            tasks.merge("task-1", inputs(kind, manager), TOLERANCE);
        }
        assertThat(tasks.tasks()).isEmpty();
        assertClose(kind.outputs(model, model.getBlock(), 0), wanted);
    }

    @Test
    void aMergeThatWouldChangeOutputsIsRefusedAndTheBaseStaysBitForBit() {
        Bases kind = Bases.ENCODER;
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 1);
        float[] before = kind.outputs(model, model.getBlock(), 0);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList inputs = inputs(kind, manager);
            // No two orders of summing agree to this.
            assertThatThrownBy(() -> tasks.merge("task-1", inputs, -1))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("tolerance");
        }
        assertThat(kind.outputs(model, model.getBlock(), 0)).isEqualTo(before);
        assertThat(tasks.tasks()).containsExactly("task-1");
    }

    @ParameterizedTest
    @EnumSource(Bases.class)
    void oneTaskAtWeightOneIsThatTaskBitForBit(Bases kind) {
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 2);
        tasks.combine("same", Map.of("task-2", 1.0));
        assertThat(kind.outputs(model, tasks.handle("same").block(), 1))
                .isEqualTo(kind.outputs(model, tasks.handle("task-2").block(), 1));
    }

    @Test
    void aSumOfTwoTasksIsTheSumOfTheirUpdates() {
        Bases kind = Bases.ENCODER;
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of("owned", ""), 2);
        tasks.combine("mixed", Map.of("task-1", 0.25, "task-2", 0.75));
        String path = "01TransformerEncoderBlock_01selfAttention_02queryProjection_weight/";
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray wanted =
                    update(tasks, "task-1", path, manager)
                            .mul(0.25)
                            .add(update(tasks, "task-2", path, manager).mul(0.75));
            assertClose(
                    update(tasks, "mixed", path, manager).toFloatArray(), wanted.toFloatArray());
        }
    }

    @Test
    void eightThreadsWithFourTasksGiveTheOutputsOfOne() throws Exception {
        Bases kind = Bases.ENCODER;
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 4);
        Map<String, float[]> alone = new HashMap<>();
        // PyTorch splits sums otherwise on the main thread than on others, with other last bits.
        Thread single =
                new Thread(
                        () -> {
                            for (String task : tasks.tasks()) {
                                Block block = tasks.handle(task).block();
                                alone.put(task, kind.outputs(model, block, 0));
                            }
                        });
        single.start();
        single.join();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int first = thread;
                running.add(pool.submit(() -> serve(kind, model, tasks, alone, first)));
            }
            for (Future<Integer> one : running) {
                assertThat(one.get()).isZero();
            }
        } finally {
            // Or a failure here would free the model under threads that still run.
            pool.shutdown();
            assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void aTaskThatDoesNotFitNeverBecomesActive() {
        Bases kind = Bases.ENCODER;
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 1);
        tasks.install();
        try (NDManager manager = model.getNDManager().newSubManager()) {
            tasks.load("served", tasks.tensors("task-1", manager));
        }
        tasks.activate("served");
        float[] before = kind.outputs(model, model.getBlock(), 0);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            Map<String, NDArray> tensors = tasks.tensors("task-1", manager);
            String name = tensors.keySet().iterator().next();
            tensors.put("nonsense", tensors.remove(name));
            assertThatThrownBy(() -> tasks.load("served", tensors))
                    .hasMessageContaining(name)
                    .hasMessageContaining("nonsense belongs to nothing");
            Map<String, NDArray> broken = tasks.tensors("task-1", manager);
            broken.put(name, broken.get(name).mul(Float.NaN));
            assertThatThrownBy(() -> tasks.load("served", broken))
                    .hasMessageContaining(name + " holds values that are not finite");
        }
        assertThat(kind.outputs(model, model.getBlock(), 0)).isEqualTo(before);
        assertThat(tasks.active()).isEqualTo("served");
    }

    @Test
    void switchingChangesTheModelsOutputsAndNothingElseOfIt() {
        Bases kind = Bases.BERT;
        Model model = kind.model();
        Block base = model.getBlock();
        List<String> names = base.getParameters().keys();
        float[] plain = kind.outputs(model, base, 0);
        TaskRegistry tasks = trained(kind, model, Map.of(), 2);
        tasks.install();
        assertThat(model.getBlock().getParameters().keys()).isEqualTo(names);
        assertThat(model.getBlock().describeInput()).isEqualTo(base.describeInput());
        assertThat(kind.outputs(model, model.getBlock(), 0)).isEqualTo(plain);
        tasks.activate("task-2");
        assertThat(kind.outputs(model, model.getBlock(), 0))
                .isEqualTo(kind.outputs(model, tasks.handle("task-2").block(), 0))
                .isNotEqualTo(plain);
        tasks.deactivate();
        assertThat(kind.outputs(model, model.getBlock(), 0)).isEqualTo(plain);
    }

    @Test
    void aHandleOfAnUnloadedTaskSaysSo() {
        Bases kind = Bases.ENCODER;
        Model model = kind.model();
        TaskRegistry tasks = trained(kind, model, Map.of(), 1);
        TaskHandle handle = tasks.handle("task-1");
        tasks.unload("task-1");
        assertThatThrownBy(() -> kind.outputs(model, handle.block(), 0))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("task-1")
                .hasMessageContaining("unloaded");
    }

    private TaskRegistry trained(Bases kind, Model model, Map<String, ?> settings, int count) {
        ForgettingListener memory =
                ForgettingListener.builder().addStrategy("lora", settings).build();
        opened.add(memory);
        opened.add(model);
        for (int task = 0; task < count; task++) {
            kind.fit(model, task, 2, memory);
        }
        return memory.tasks(model);
    }

    private static int serve(
            Bases kind, Model model, TaskRegistry tasks, Map<String, float[]> alone, int first) {
        int wrong = 0;
        List<String> names = tasks.tasks();
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList inputs = inputs(kind, manager);
            for (int request = 0; request < 25; request++) {
                String task = names.get((first + request) % names.size());
                try (NDManager scope = manager.newSubManager()) {
                    NDArray here = inputs.head().stopGradient();
                    here.attach(scope);
                    NDList out = tasks.handle(task).predict(new NDList(here));
                    wrong +=
                            java.util.Arrays.equals(out.head().toFloatArray(), alone.get(task))
                                    ? 0
                                    : 1;
                }
            }
        }
        return wrong;
    }

    private static NDArray update(TaskRegistry tasks, String task, String path, NDManager manager) {
        Map<String, NDArray> tensors = tasks.tensors(task, manager);
        return tensors.get(path + "lora_B").matMul(tensors.get(path + "lora_A"));
    }

    private static NDList inputs(Bases kind, NDManager manager) {
        try {
            return kind.dataset(manager, 0, Bases.BATCH)
                    .getData(manager)
                    .iterator()
                    .next()
                    .getData();
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertClose(float[] found, float[] wanted) {
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i])
                    .isCloseTo(
                            wanted[i],
                            org.assertj.core.data.Offset.offset(
                                    TOLERANCE * (1 + Math.abs((double) wanted[i]))));
        }
    }
}
