package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user must never believe that he is protected when he is not. */
class HonestyTest {

    @Test
    void newClassesOnASharedHeadAreWarnedOf() {
        assertThat(warningsOfTwoTasks(Loss.softmaxCrossEntropyLoss(), 2))
                .contains("class-incremental learning")
                .contains("classes [0, 1] down");
    }

    @Test
    void theSameClassesAgainAreNoReasonToWarn() {
        assertThat(warningsOfTwoTasks(Loss.softmaxCrossEntropyLoss(), 0))
                .doesNotContain("class-incremental");
    }

    @Test
    void aHeadOfItsOwnByMaskIsNoReasonToWarn() {
        assertThat(warningsOfTwoTasks(new OddTaskLoss(), 2)).doesNotContain("class-incremental");
    }

    @Test
    void aPenaltyWithoutEffectIsSaidLoudly() {
        String warnings =
                Said.by(
                        () -> {
                            try (Model model = Toy.model(Toy.mlp());
                                    ForgettingListener listener = listener(Map.of("lambda", 0))) {
                                Toy.fit(model, 0, 1, Toy.adam(), listener);
                                Toy.fit(model, 1, 1, Toy.adam(), listener);
                            }
                        });
        assertThat(warnings).contains("had NO EFFECT in epoch 1 of task \"task-2\"");
    }

    @Test
    void aTrainingWithoutAWholeEpochIsSaidToBeUnprotected() {
        String warnings =
                Said.by(
                        () -> {
                            try (Model model = Toy.model(Toy.mlp());
                                    ForgettingListener listener = listener(Map.of());
                                    Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                                step(trainer, model, 0, When.IN_ORDER);
                            }
                        });
        assertThat(warnings).contains("\"task-1\" is NOT protected").contains("endTask()");
    }

    @Test
    void anEpochOfWhichNoBatchWasHeardIsSaidToProtectNothing() {
        String warnings =
                Said.by(
                        () -> {
                            try (Model model = Toy.model(Toy.mlp());
                                    ForgettingListener listener = listener(Map.of());
                                    Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                                trainer.notifyListeners(l -> l.onEpoch(trainer));
                            }
                        });
        assertThat(warnings).contains("NOTHING is protected").contains("EasyTrain.trainBatch");
    }

    @Test
    void aMemoryThatMeetsOtherWeightsThanItWasWrittenWithSaysSoAndRefusesAnotherModel(
            @TempDir Path memory) {
        try (Model model = Toy.model(Toy.mlp())) {
            assertThat(Said.by(() -> fitOver(memory, model, 0))).doesNotContain("other weights");
            assertThat(Said.by(() -> fitOver(memory, model, 1))).doesNotContain("other weights");
        }
        try (Model unloaded = Toy.model(Toy.mlp())) {
            // The same seed gives it the weights that the model had before its first task.
            assertThat(Said.by(() -> fitOver(memory, unloaded, 2)))
                    .contains("before task \"task-1\"")
                    .contains("model.load");
        }
        try (Model unloaded = Toy.model(Toy.mlp())) {
            Engine.getInstance().setRandomSeed(9);
            unloaded.getBlock()
                    .initialize(
                            unloaded.getNDManager(), DataType.FLOAT32, new Shape(32, Toy.FEATURES));
            assertThatThrownBy(() -> fitOver(memory, unloaded, 2))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another model")
                    .hasMessageContaining("model.load");
        }
    }

    @Test
    void anotherModelOnTheSameListenerIsRefusedByNameAndShapes() {
        try (Model model = Toy.model(Toy.mlp());
                Model other = Toy.model(Linear.builder().setUnits(Toy.CLASSES).build());
                ForgettingListener listener = listener(Map.of())) {
            Toy.fit(model, 0, 1, Toy.adam(), listener);
            assertThatThrownBy(() -> Toy.fit(other, 1, 1, Toy.adam(), listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("a listener for each model")
                    .hasMessageContaining("had shape (");
        }
    }

    @Test
    void aMemoryThatIsAFileIsRefusedBeforeTraining(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("memory"), "no directory");
        var builder = ForgettingListener.builder().addStrategy("ewc").optMemory(file);
        assertThatThrownBy(builder::build)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("give a directory");
    }

    private static void fitOver(Path memory, Model model, int task) {
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("ewc").optMemory(memory).build()) {
            Toy.fit(model, task % 2, 1, Toy.adam(), listener);
        }
    }

    @Test
    void aLoopThatStepsWhileItHoldsTheCollectorIsToldSoByAGuardThatNeedsIt() {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new Recorder(new ArrayList<>()))
                                .build();
                Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
            assertThatThrownBy(() -> step(trainer, model, 0, When.ALL_WITHIN_COLLECTOR))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("gradient collector is still open")
                    .hasMessageContaining("before trainer.step()");
        }
    }

    @Test
    void aLoopThatNotifiesWhileItHoldsTheCollectorTrains() {
        List<String> calls = new ArrayList<>();
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new Recorder(calls)).build();
                Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
            step(trainer, model, 0, When.NOTIFIES_WITHIN_COLLECTOR);
            step(trainer, model, 0, When.NOTIFIES_WITHIN_COLLECTOR);
            trainer.notifyListeners(l -> l.onEpoch(trainer));
        }
        assertThat(calls)
                .containsExactly(
                        "begin",
                        "backward 1",
                        "step",
                        "backward 2",
                        "step",
                        "epoch",
                        "end",
                        "close");
    }

    @Test
    void guardsAreCalledInTheOrderThatTheirContractStates() {
        List<String> calls = new ArrayList<>();
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new Recorder(calls)).build();
                Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
            step(trainer, model, 0, When.IN_ORDER);
            step(trainer, model, 0, When.IN_ORDER);
            trainer.notifyListeners(l -> l.onEpoch(trainer));
        }
        assertThat(calls)
                .containsExactly(
                        "begin",
                        "backward 1",
                        "step",
                        "backward 2",
                        "step",
                        "epoch",
                        "end",
                        "close");
    }

    @Test
    void severalDevicesWithAnExecutorAreRefusedBeforeTraining() {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(Map.of())) {
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optDevices(new Device[] {Device.cpu(), Device.gpu(0)})
                            .optExecutorService()
                            .addTrainingListeners(listener);
            assertThatThrownBy(() -> model.newTrainer(config))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("several devices and an executor");
        }
    }

    private static String warningsOfTwoTasks(Loss secondLoss, int shift) {
        return Said.by(
                () -> {
                    try (Model model = Toy.model(Toy.mlp());
                            ForgettingListener listener = listener(Map.of())) {
                        train(model, listener, Loss.softmaxCrossEntropyLoss(), 0);
                        train(model, listener, secondLoss, shift);
                    }
                });
    }

    private static void train(Model model, ForgettingListener listener, Loss loss, int shift) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss)
                        .optOptimizer(Toy.adam())
                        .addTrainingListeners(listener);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(4, Toy.FEATURES));
            step(trainer, model, shift, When.IN_ORDER);
            trainer.notifyListeners(l -> l.onEpoch(trainer));
        }
    }

    /** One step by hand on labels {@code shift} and {@code shift + 1}. */
    private static void step(Trainer trainer, Model model, int shift, When when) {
        NDManager manager = model.getNDManager().newSubManager();
        NDList data = new NDList(manager.randomNormal(new Shape(4, Toy.FEATURES)));
        NDList labels =
                new NDList(manager.create(new float[] {shift, shift + 1, shift, shift + 1}));
        try (Batch batch = new Batch(manager, data, labels, 4, null, null, 0, 4)) {
            NDList predictions;
            try (var collector = trainer.newGradientCollector()) {
                predictions = trainer.forward(data, labels);
                collector.backward(trainer.getLoss().evaluate(labels, predictions));
                if (when != When.IN_ORDER) {
                    notify(trainer, batch, predictions);
                }
                if (when == When.ALL_WITHIN_COLLECTOR) {
                    trainer.step();
                }
            }
            if (when == When.IN_ORDER) {
                notify(trainer, batch, predictions);
            }
            trainer.step();
        }
    }

    /** What a loop does while its gradient collector is open. */
    private enum When {
        IN_ORDER,
        NOTIFIES_WITHIN_COLLECTOR,
        ALL_WITHIN_COLLECTOR
    }

    private static void notify(Trainer trainer, Batch batch, NDList predictions) {
        Device device = trainer.getDevices()[0];
        BatchData data =
                new BatchData(
                        batch, Map.of(device, batch.getLabels()), Map.of(device, predictions));
        trainer.notifyListeners(l -> l.onTrainingBatch(trainer, data));
    }

    private static ForgettingListener listener(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("ewc", settings).build();
    }

    /** Cross-entropy over classes 2 and 3 alone. */
    private static final class OddTaskLoss extends Loss {

        OddTaskLoss() {
            super("masked");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray outputs = predictions.head();
            NDArray mask = outputs.getManager().create(new float[] {-1e9f, -1e9f, 0, 0});
            return Loss.softmaxCrossEntropyLoss().evaluate(labels, new NDList(outputs.add(mask)));
        }
    }

    /** Writes its calls down, and opens a collector of its own as rehearsal does. */
    private record Recorder(List<String> calls) implements ForgettingGuard {

        @Override
        public String name() {
            return "recorder";
        }

        @Override
        public void onTaskBegin(TrainingView training) {
            calls.add("begin");
        }

        @Override
        public void onBackward(StepView step) {
            step.trainer().newGradientCollector().close();
            calls.add("backward " + step.step());
        }

        @Override
        public void onStep(TrainingView training) {
            calls.add("step");
        }

        @Override
        public void onEpoch(TrainingView training) {
            calls.add("epoch");
        }

        @Override
        public void onTaskEnd(dev.engram.api.guard.FinishedTask task) {
            calls.add("end");
        }

        @Override
        public void close() {
            calls.add("close");
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
