package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A guard that acts in the loop's loss alone is refused where it would do nothing. */
class JoinedLossTest {

    @Test
    void whereItsTermIsJoinedItTrains() {
        InLoss guard = new InLoss();
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            assertThat(Points.said(() -> Points.fit(model, 0, listener)))
                    .doesNotContain("NO EFFECT");
            assertThat(listener.tasks()).hasSize(1);
        }
        assertThat(guard.asked).isEqualTo(3);
    }

    @Test
    void besideOneThatLooksAtTheLoopsGradientsAloneItIsRefused() {
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new InLoss())
                                .addGuard(new Looking())
                                .build()) {
            assertThatThrownBy(() -> Points.trainer(model, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("[in-loss] act in onLoss alone")
                    .hasMessageContaining("because [looking] look at the loop's gradients alone")
                    .hasMessageContaining("StepBatch.wasJoined");
        }
    }

    /** As EWC and MAS do. */
    @Test
    void besideAPenaltyThatIsEstimatedWhenATaskHasEndedItsTermIsJoined() {
        InLoss guard = new InLoss();
        try (Model model = Points.model(1);
                ForgettingListener listener = beside(guard, new Ones(false))) {
            Points.fit(model, 0, listener);
            assertThat(listener.tasks()).hasSize(1);
        }
        assertThat(guard.asked).isEqualTo(3);
    }

    @Test
    void besideAPenaltyThatIsEstimatedFromTheLoopsGradientsItIsRefused() {
        try (Model model = Points.model(1);
                ForgettingListener listener = beside(new InLoss(), new Ones(true))) {
            assertThatThrownBy(() -> Points.trainer(model, listener))
                    .hasMessageContaining("because [penalty] look at the loop's gradients alone");
        }
    }

    private static ForgettingListener beside(ForgettingGuard guard, ImportanceEstimator estimator) {
        return ForgettingListener.builder()
                .addGuard(guard)
                .addGuard(QuadraticPenaltyGuard.builder().setImportance(estimator).build())
                .build();
    }

    @Test
    void overTorchScriptItIsRefused() throws Exception {
        Path file = Path.of(JoinedLossTest.class.getResource("/scripted-mlp.pt").toURI());
        try (Model model = Model.newInstance("scripted-mlp", "PyTorch");
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new InLoss()).build()) {
            model.load(file.getParent(), "scripted-mlp", Map.of("trainParam", "true"));
            assertThatThrownBy(() -> model.newTrainer(Points.config(0.1f, listener)))
                    .hasMessageContaining("because the model holds TorchScript");
        }
    }

    @Test
    void inALoopWithALossOfItsOwnItIsRefusedBeforeItsSecondStep() {
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new InLoss()).build();
                Trainer trainer = Points.trainer(model, listener)) {
            assertThatThrownBy(() -> pastTheTrainersLoss(trainer))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("computes the loss of a batch past trainer.getLoss()");
        }
    }

    @Test
    void oneThatAlsoAddsAtTheStepTrainsInSuchALoop() {
        Looking guard = new Looking();
        try (Model model = Points.model(1);
                ForgettingListener listener = ForgettingListener.builder().addGuard(guard).build();
                Trainer trainer = Points.trainer(model, listener)) {
            pastTheTrainersLoss(trainer);
        }
        assertThat(guard.steps).isEqualTo(4);
    }

    private static void pastTheTrainersLoss(Trainer trainer) {
        Loss own = Loss.softmaxCrossEntropyLoss();
        try (NDManager manager = trainer.getManager().newSubManager()) {
            for (Batch batch : Points.dataset(manager, 0).getData(manager)) {
                NDList predictions;
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    predictions = trainer.forward(batch.getData());
                    collector.backward(own.evaluate(batch.getLabels(), predictions));
                }
                Map<ai.djl.Device, NDList> shown = Map.of(trainer.getDevices()[0], predictions);
                BatchData data =
                        new BatchData(
                                batch, Map.of(trainer.getDevices()[0], batch.getLabels()), shown);
                trainer.notifyListeners(one -> one.onTrainingBatch(trainer, data));
                trainer.step();
                batch.close();
            }
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** Finds all parameters equally important. */
    private record Ones(boolean looksAtGradients) implements ImportanceEstimator {

        @Override
        public Map<String, NDArray> estimate(FinishedTask task) {
            Map<String, NDArray> ones = new HashMap<>();
            for (LiveParameter parameter : task.parameters()) {
                NDArray one = parameter.value().onesLike();
                one.attach(task.scratch());
                ones.put(parameter.name(), one);
            }
            return ones;
        }
    }

    /** Adds a term of nothing to the loss. */
    private static class InLoss extends Recorder {

        int asked;

        @Override
        public String name() {
            return "in-loss";
        }

        @Override
        public boolean addsToLoss() {
            return true;
        }

        @Override
        public Optional<NDArray> onLoss(LossView batch) {
            asked++;
            NDArray term = batch.predictions().head().sum();
            return Optional.of(term.sub(term));
        }
    }

    /** Looks at the loop's gradients, and acts at each step. */
    private static final class Looking extends InLoss {

        int steps;

        @Override
        public String name() {
            return "looking";
        }

        @Override
        public void onGradient(StepView step) {
            steps++;
        }

        @Override
        public void onBackward(StepView step) {}
    }
}
