package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user may count on around tasks with parameters of their own. */
class IsolationPromisesTest {

    @TempDir Path folder;

    @Test
    void aPenaltyBuiltByHandHasNothingToHoldBesideAnIsolation() {
        ImportanceEstimator none = task -> Map.of();
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addGuard(
                                                QuadraticPenaltyGuard.builder()
                                                        .setImportance(none)
                                                        .setName("mine")
                                                        .build())
                                        .addIsolation(LoraIsolation.builder().build())
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("nothing for [mine] to hold");
    }

    @Test
    void whichLayersIa3ScalesByInputsIsAmongWhatMustAgree() {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                ForgettingListener memory = ia3(Map.of("feed-forward", ".*queryProjection"))) {
            kind.fit(model, 0, 1, memory);
        }
        try (Model model = kind.model();
                ForgettingListener memory = ia3(Map.of())) {
            assertThatThrownBy(() -> memory.tasks(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("setting feed-forward is nothing, but was");
        }
    }

    private ForgettingListener ia3(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("ia3", settings).optMemory(folder).build();
    }

    @Test
    void halfPrecisionIsRefusedBeforeTrainingWithTheWayOut() {
        try (Model model = Model.newInstance("half")) {
            Block block =
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(4).build())
                            .add(Activation.reluBlock())
                            .add(Linear.builder().setUnits(2).build());
            block.initialize(model.getNDManager(), DataType.FLOAT16, new Shape(1, 3));
            model.setBlock(block);
            try (TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build())) {
                assertThatThrownBy(() -> Drawn.add(tasks, "any", 1))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("01Linear_weight holds float16")
                        .hasMessageContaining("float32");
            }
        }
    }

    /** What a checkpoint holds is said, and it is the base, bit for bit. */
    @ParameterizedTest
    @EnumSource(
            value = Bases.class,
            names = {"ENCODER", "TORCH_SCRIPT"})
    void aFileSavedWhileATaskTrainsIsTheBaseAndThatIsSaid(Bases kind) throws Exception {
        PrintStream usual = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        float[] before;
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            before = kind.outputs(model, model.getBlock(), 0);
            System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
            try (NDManager manager = model.getNDManager().newSubManager();
                    Trainer trainer = trainer(model, memory)) {
                for (int step = 0; step < 3; step++) {
                    EasyTrain.trainBatch(
                            trainer,
                            kind.dataset(manager, 0, Bases.BATCH)
                                    .getData(manager)
                                    .iterator()
                                    .next());
                    trainer.step();
                    model.save(folder, "m");
                }
            } finally {
                System.setErr(usual);
            }
        }
        assertThat(log.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("WITHOUT what the task learns");
        try (Model model = kind.model()) {
            if (kind == Bases.ENCODER) {
                model.getBlock().getParameters().get("04Linear_bias").getArray().addi(1);
            }
            model.load(
                    folder,
                    "m",
                    kind == Bases.TORCH_SCRIPT ? Map.of("trainParam", "true") : Map.of());
            assertThat(kind.outputs(model, model.getBlock(), 0)).isEqualTo(before);
        }
    }

    /** Requests to the active task are answered while it is replaced, and tensors can be read. */
    @Test
    void replacingTheActiveTaskRefusesNoRequest() throws Exception {
        Bases kind = Bases.CNN;
        try (Model model = kind.model();
                NDManager manager = NDManager.newBaseManager();
                TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build())) {
            Drawn.add(tasks, "served", 0.1f);
            Map<String, NDArray> tensors = tasks.tensors("served", manager);
            tasks.install();
            tasks.activate("served");
            Block serving = model.getBlock();
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Runnable requests =
                    () -> {
                        try {
                            while (!done.get()) {
                                kind.outputs(model, serving, 0);
                            }
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    };
            Runnable reads =
                    () -> {
                        try {
                            while (!done.get()) {
                                try (NDManager own = NDManager.newBaseManager()) {
                                    tasks.tensors("served", own);
                                }
                            }
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    };
            Thread one = new Thread(requests);
            Thread two = new Thread(reads);
            one.start();
            two.start();
            for (int i = 0; i < 300 && failure.get() == null; i++) {
                tasks.load("served", tensors);
            }
            done.set(true);
            one.join();
            two.join();
            assertThat(failure.get()).isNull();
        }
    }

    private static Trainer trainer(Model model, ForgettingListener memory) {
        return model.newTrainer(
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .addTrainingListeners(memory));
    }
}
