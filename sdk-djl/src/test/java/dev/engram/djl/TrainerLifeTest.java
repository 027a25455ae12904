package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.listener.EarlyStoppingListener;
import ai.djl.training.listener.EarlyStoppingListener.EarlyStoppedException;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.listener.TrainingListenerAdapter;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a training ends, whole epochs are learnt, or it is said what to change. */
class TrainerLifeTest {

    private final Recorder guard = new Recorder();

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "false, 1", "false, 2"})
    void earlyStoppingIsANormalEndInFrontOfTheListenerAndBehindIt(boolean inFront, int epochs) {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            EarlyStoppingListener stop =
                    EarlyStoppingListener.builder()
                            .optMinEpochs(epochs)
                            .optMaxDuration(Duration.ZERO)
                            .build();
            List<TrainingListener> all =
                    new ArrayList<>(Arrays.asList(TrainingListener.Defaults.basic()));
            all.addAll(inFront ? List.of(stop, listener) : List.of(listener, stop));
            try (Trainer trainer = Points.trainer(model, all.toArray(TrainingListener[]::new))) {
                assertThatThrownBy(() -> Points.fit(trainer, 0, 5))
                        .isInstanceOf(EarlyStoppedException.class);
            }
            assertThat(listener.tasks()).hasSize(1);
            assertThat(guard.learnt).containsExactly("task-1");
        }
    }

    @Test
    void aTrainingThatFailsWithinAnEpochIsNotLearntWhoeverStandsInFront() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            TrainingListener broken =
                    new TrainingListenerAdapter() {
                        private int batches;

                        @Override
                        public void onTrainingBatch(Trainer trainer, BatchData data) {
                            if (++batches == 6) {
                                throw new IllegalStateException("disk on fire");
                            }
                        }
                    };
            try (Trainer trainer = Points.trainer(model, broken, listener)) {
                assertThatThrownBy(() -> Points.fit(trainer, 0, 2)).hasMessage("disk on fire");
            }
            assertThat(listener.tasks()).isEmpty();
        }
    }

    @Test
    void aTrainerThatIsNeverClosedIsLearntWhenTheListenerCloses() {
        try (Model model = Points.model(1)) {
            ForgettingListener listener = listener();
            Points.fit(Points.trainer(model, listener), 0, 2);
            listener.close();
            assertThat(listener.tasks()).hasSize(1);
        }
        assertThat(guard.learnt).containsExactly("task-1");
    }

    @Test
    void aTrainerThatWasNotClosedEndsWhereTheNextOneBegins() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            Points.fit(Points.trainer(model, listener), 0, 1);
            String said = Points.said(() -> Points.fit(model, 1, listener));
            assertThat(said).contains("was never closed").contains("task-1");
            assertThat(guard.learnt).containsExactly("task-1", "task-2");
        }
    }

    @Test
    void aModelThatIsClosedBeforeItsTrainerIsLearntNevertheless() {
        Model model = Points.model(1);
        try (ForgettingListener listener = listener()) {
            Trainer trainer = Points.trainer(model, listener);
            Points.fit(trainer, 0, 2);
            model.close();
            trainer.close();
            assertThat(guard.learnt).containsExactly("task-1");
            assertThat(model.getBlock().getParameters().valueAt(0).getArray().isReleased())
                    .isTrue();
        }
    }

    @Test
    void aModelHasItsArraysBackWhenItsTrainerIsClosed() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            Points.fit(model, 0, listener);
            assertThat(model.getBlock().getParameters().values())
                    .allMatch(p -> p.getArray().getManager() == model.getNDManager());
        }
    }

    @Test
    void aLoopThatTellsTheBeginOfItsTrainerOnceMoreTrainsUnderGuard() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            try (Trainer trainer = Points.trainer(model, listener)) {
                trainer.notifyListeners(one -> one.onTrainingBegin(trainer));
                Points.fit(trainer, 0, 1);
                trainer.notifyListeners(one -> one.onTrainingEnd(trainer));
            }
            assertThat(guard.learnt).containsExactly("task-1");
        }
    }

    @Test
    void aLoopThatShowsNoBatchTrainsUnderAGuardThatNeedsNone() {
        Recorder modest = new Modest();
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(modest).build()) {
            try (Trainer trainer = Points.trainer(model, listener)) {
                withoutBatch(trainer);
                withoutBatch(trainer);
                trainer.notifyListeners(one -> one.onEpoch(trainer));
            }
            assertThat(modest.learnt).containsExactly("task-1");
        }
    }

    @Test
    void aGuardThatNeedsSamplesIsNamedWhereALoopShowsNone() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener();
                Trainer trainer = Points.trainer(model, listener)) {
            assertThatThrownBy(() -> withoutBatch(trainer))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("[recorder] cannot do without")
                    .hasMessageContaining("\"si\"");
        }
    }

    /** One step as DJL's agents of reinforcement learning make it. */
    private static void withoutBatch(Trainer trainer) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            NDList labels = new NDList(manager.zeros(new Shape(4)));
            NDList predictions;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                predictions = trainer.forward(new NDList(manager.ones(new Shape(4, 4))));
                collector.backward(trainer.getLoss().evaluate(labels, predictions));
            }
            Device device = trainer.getDevices()[0];
            BatchData data =
                    new BatchData(null, Map.of(device, labels), Map.of(device, predictions));
            trainer.notifyListeners(one -> one.onTrainingBatch(trainer, data));
            trainer.step();
        }
    }

    @Test
    void aTaskWhoseOnlyEpochAGuardFailedIsNotLearnt() {
        Recorder failing = new Failing();
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(failing).build()) {
            try (Trainer trainer = Points.trainer(model, listener)) {
                assertThatThrownBy(() -> Points.fit(trainer, 0, 1))
                        .hasMessageContaining("no figures");
            }
            assertThat(listener.tasks()).isEmpty();
            assertThat(failing.learnt).isEmpty();
        }
    }

    @Test
    void aListenerThatStandsTwiceInAConfigIsRefused() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            assertThatThrownBy(() -> Points.trainer(model, listener, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("twice")
                    .hasMessageContaining("Add it once");
        }
    }

    @Test
    void twoTrainersAtATimeAreRefused() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener();
                Trainer first = Points.trainer(model, listener)) {
            assertThat(first.getModel()).isSameAs(model);
            assertThatThrownBy(() -> Points.trainer(model, listener))
                    .hasMessageContaining("still guards another trainer");
        }
    }

    @Test
    void aLoopThatTellsNothingIsSaidToProtectNothing() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            String said = Points.said(() -> Points.trainer(model, listener).close());
            assertThat(said).contains("heard no batch").contains("NOT protected");
        }
        String said =
                Points.said(
                        () -> {
                            try (Model model = Points.model(1)) {
                                ForgettingListener listener = listener();
                                Points.trainer(model, listener);
                                listener.close();
                            }
                        });
        assertThat(said).contains("heard no batch");
    }

    @Test
    void aGpuThatIsNotThereIsNamedBeforeTraining() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            var config = Points.config(0.1f, listener).optDevices(new Device[] {Device.gpu(63)});
            assertThatThrownBy(() -> model.newTrainer(config))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("gpu(63)")
                    .hasMessageContaining("Device.cpu()");
        }
    }

    @Test
    void aClosedListenerRemembersNothing() {
        try (Model model = Points.model(1)) {
            ForgettingListener listener = listener();
            Points.trainer(model).close();
            listener.close();
            assertThatThrownBy(() -> listener.remember(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("is closed");
        }
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addGuard(guard).build();
    }

    private static final class Modest extends Recorder {

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public void onTaskEnd(FinishedTask task) {
            learnt.add(task.task().name());
        }
    }

    private static final class Failing extends Recorder {

        @Override
        public void onEpoch(TrainingView training) {
            throw new IllegalStateException("no figures");
        }
    }
}
