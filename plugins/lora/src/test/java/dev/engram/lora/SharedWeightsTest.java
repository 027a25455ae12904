package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftConfig;
import dev.engram.lora.peft.PeftFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A weight that two layers use has one update, for both, on every route and in every file. */
class SharedWeightsTest {

    private static final Bases DATA = Bases.ENCODER;
    private static final String FIRST = "02Linear";
    private static final String SECOND = "04Linear";

    @TempDir Path folder;

    private static Model model() {
        Model model = Model.newInstance("tied");
        model.getNDManager().getEngine().setRandomSeed(5);
        Block shared = Linear.builder().setUnits(16).build();
        Block block =
                new SequentialBlock()
                        .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                        .add(shared)
                        .add(Activation.reluBlock())
                        .add(shared)
                        .add(Linear.builder().setUnits(Bases.CLASSES).build());
        block.initialize(model.getNDManager(), DataType.FLOAT32, DATA.batch());
        model.setBlock(block);
        return model;
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(folder.resolve("memory"))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3", "o-lora"})
    void aTaskIsTheSameOnAnotherRouteInPeftsFilesAndReadBack(String strategy) {
        float[] first;
        float[] second;
        try (Model model = model();
                ForgettingListener memory = listener(strategy, Map.of())) {
            DATA.fit(model, 0, 3, memory);
            DATA.fit(model, 1, 3, memory);
            TaskRegistry tasks = memory.tasks(model);
            first = DATA.outputs(model, tasks.handle("task-1").block(), 0);
            second = DATA.outputs(model, tasks.handle("task-2").block(), 0);
            PeftTasks.save(tasks, "task-2", folder.resolve("peft"), "tied");
            PeftTasks.load(tasks, "again", folder.resolve("peft"));
            assertClose(DATA.outputs(model, tasks.handle("again").block(), 0), second);
        }
        Map<String, ?> overlay = strategy.equals("ia3") ? Map.of() : Map.of("route", "overlay");
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener memory = listener(strategy, overlay)) {
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tensors("task-1", manager).keySet())
                    .noneMatch(name -> name.startsWith(SECOND));
            assertClose(DATA.outputs(model, tasks.handle("task-1").block(), 0), first);
            assertClose(DATA.outputs(model, tasks.handle("task-2").block(), 0), second);
            PeftAdapter adapter = PeftFiles.read(folder.resolve("peft"), manager);
            assertThat(adapter.layers().keySet()).containsExactlyInAnyOrder(FIRST, SECOND);
        }
    }

    @Test
    void anAdapterForOneOfTheTwoLayersIsRefused() {
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager();
                TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build())) {
            PeftAdapter.Builder adapter =
                    PeftAdapter.builder(
                            PeftConfig.lora(2, 2).setTargetModules(List.of(FIRST)).build());
            adapter.addLora(FIRST, manager.ones(new Shape(2, 16)), manager.ones(new Shape(16, 2)));
            PeftFiles.write(adapter.build(), folder.resolve("one"));
            assertThatThrownBy(() -> PeftTasks.load(tasks, "one", folder.resolve("one")))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(FIRST + "_weight is also the weight of")
                    .hasMessageContaining(SECOND + "_weight");
        }
    }

    @Test
    void anAdapterOfATrainingThatDivergedIsRefused() {
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager();
                TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build())) {
            PeftAdapter.Builder adapter =
                    PeftAdapter.builder(
                            PeftConfig.lora(2, 2).setTargetModules(List.of("05Linear")).build());
            adapter.addLora(
                    "05Linear",
                    manager.ones(new Shape(2, 16)),
                    manager.full(new Shape(Bases.CLASSES, 2), Float.NaN));
            PeftFiles.write(adapter.build(), folder.resolve("nan"));
            assertThatThrownBy(() -> PeftTasks.load(tasks, "nan", folder.resolve("nan")))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(
                            "05Linear.lora_B.weight holds values that are not finite");
            assertThat(tasks.tasks()).isEmpty();
        }
    }

    private static void assertClose(float[] found, float[] wanted) {
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(wanted[i], within(1e-4f * (1 + Math.abs(wanted[i]))));
        }
    }
}
