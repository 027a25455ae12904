package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.translate.NoopTranslator;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.TrainingView;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guard that puts off what it does to the weights does it before anyone sees them. */
class WeightReadsTest {

    private final Putting guard = new Putting();

    @Test
    void aValidationAPredictionAndAFileAreHeardOfOnceAStep() throws Exception {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener();
                Trainer trainer = Points.trainer(model, listener);
                NDManager manager = NDManager.newBaseManager()) {
            NDList inputs = new NDList(Points.inputs(manager, 0, 4));
            trainer.evaluate(inputs);
            assertThat(guard.reads).as("before any step").isZero();
            step(trainer);
            assertThat(guard.reads).as("training passes").isZero();
            trainer.evaluate(inputs);
            trainer.evaluate(inputs);
            assertThat(guard.reads).as("validation").isEqualTo(1);
            step(trainer);
            try (Predictor<NDList, NDList> predictor =
                    model.newPredictor(new NoopTranslator(null))) {
                predictor.predict(inputs);
            }
            assertThat(guard.reads).as("prediction").isEqualTo(2);
            step(trainer);
            save(model);
            assertThat(guard.reads).as("file").isEqualTo(3);
        }
    }

    @Test
    void whoSavesAtAnEpochsEndBeforeThisListenerHearsOfItIsHeardOfToo() {
        int[] before = {-1};
        TrainingListenerAdapter saver =
                new TrainingListenerAdapter() {
                    @Override
                    public void onEpoch(Trainer trainer) {
                        save(trainer.getModel());
                        before[0] = guard.reads;
                    }
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            Points.fit(model, 0, saver, listener);
            assertThat(before[0]).isEqualTo(1);
        }
    }

    @Test
    void withinACollectorNobodyIsAskedToChangeWeights() throws Exception {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener();
                Trainer trainer = Points.trainer(model, listener);
                NDManager manager = NDManager.newBaseManager()) {
            step(trainer);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                trainer.evaluate(new NDList(Points.inputs(manager, 0, 4)));
                assertThat(collector).isNotNull();
                assertThat(guard.reads).isZero();
            }
            trainer.evaluate(new NDList(Points.inputs(manager, 0, 4)));
            assertThat(guard.reads).isEqualTo(1);
        }
    }

    @Test
    void whatStandsBeforeTheModelsBlockGoesWithTheTrainer() {
        try (Model model = Points.model(1);
                ForgettingListener listener = listener()) {
            Block own = model.getBlock();
            try (Trainer trainer = Points.trainer(model, listener)) {
                assertThat(model.getBlock()).isNotSameAs(own);
                Points.fit(trainer, 0, 1);
            }
            assertThat(model.getBlock()).isSameAs(own);
            assertThat(listener.tasks()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void besideAListenerWhoseGuardAddsToTheLossBothWorkAndNothingStaysBeforeTheBlock(
            boolean isFirst) {
        Adding adding = new Adding();
        try (Model model = Points.model(1);
                ForgettingListener reads = listener();
                ForgettingListener adds =
                        ForgettingListener.builder()
                                .addGuard(adding)
                                .optBase(Base.IGNORE)
                                .build()) {
            Block own = model.getBlock();
            ForgettingListener first = isFirst ? reads : adds;
            try (Trainer trainer = Points.trainer(model, first, isFirst ? adds : reads);
                    NDManager manager = NDManager.newBaseManager()) {
                Points.fit(trainer, 0, 1);
                trainer.evaluate(new NDList(Points.inputs(manager, 0, 4)));
            }
            assertThat(model.getBlock()).isSameAs(own);
            assertThat(guard.reads).isEqualTo(1);
            assertThat(adding.asked).isPositive();
        }
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build();
    }

    private static void step(Trainer trainer) throws Exception {
        try (NDManager data = trainer.getManager().newSubManager();
                Batch batch = Points.dataset(data, 0).getData(data).iterator().next()) {
            EasyTrain.trainBatch(trainer, batch);
            trainer.step();
        }
    }

    private static void save(Model model) {
        try (DataOutputStream out = new DataOutputStream(new ByteArrayOutputStream())) {
            model.getBlock().saveParameters(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Is asked for terms of the loss, and has none. */
    private static final class Adding extends Recorder {

        private int asked;

        @Override
        public boolean addsToLoss() {
            return true;
        }

        @Override
        public Optional<NDArray> onLoss(LossView batch) {
            asked++;
            return Optional.empty();
        }
    }

    /** Counts how often it is told of a read. */
    private static final class Putting extends Recorder {

        private int reads;

        @Override
        public void onWeightsRead(TrainingView training) {
            assertThat(training.parameters()).isNotEmpty();
            reads++;
        }
    }
}
