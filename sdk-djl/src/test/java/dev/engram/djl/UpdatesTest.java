package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class UpdatesTest {

    @Test
    void underAdamTheUpdateIsSeenAndWhatIsLeftOfItStandsWhenTheStepReturns() throws Exception {
        Updates guard = new Updates();
        guard.at =
                update -> {
                    for (LiveParameter one : update.parameters()) {
                        NDArray before = update.before().get(one.name());
                        guard.before.add(before.toFloatArray());
                        guard.after.add(one.value().toFloatArray());
                        NDArray way = one.value().sub(before);
                        one.value().subi(way.mul(0.5f));
                        way.close();
                    }
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            List<float[]> was = new ArrayList<>();
            List<float[]> is = new ArrayList<>();
            batches(
                    trainer,
                    2,
                    () -> {
                        was.addAll(weights(model));
                        trainer.step();
                        is.addAll(weights(model));
                    });
            assertThat(guard.before).hasSize(8);
            for (int i = 0; i < 8; i++) {
                assertThat(guard.before.get(i)).isEqualTo(was.get(i));
                assertThat(guard.after.get(i)).isNotEqualTo(was.get(i));
                assertThat(is.get(i)[0])
                        .isCloseTo(
                                (guard.before.get(i)[0] + guard.after.get(i)[0]) / 2,
                                org.assertj.core.data.Offset.offset(1e-6f));
            }
        }
    }

    @Test
    void severalBatchesToAStepAreOneUpdate() throws Exception {
        Updates guard = new Updates();
        guard.at = update -> guard.steps.add(update.step());
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            int[] heard = new int[1];
            batches(
                    trainer,
                    4,
                    () -> {
                        if (++heard[0] % 2 == 0) {
                            trainer.step();
                        }
                    });
        }
        assertThat(guard.steps).containsExactly(1L, 2L);
    }

    /** Of the measured steps, which are compared with the weights before, there are few. */
    @Test
    void noWeightIsCopiedAtStepsThatNobodyComparesOrMeasures() throws Exception {
        Updates guard = new Updates();
        guard.compared = step -> step % 5 == 0;
        List<Long> all = new ArrayList<>();
        guard.at =
                update -> {
                    all.add(update.step());
                    if (!update.before().isEmpty()) {
                        assertThat(update.before()).hasSize(update.parameters().size());
                        guard.steps.add(update.step());
                    }
                    update.parameters().forEach(one -> one.value().muli(0.999f));
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            batches(trainer, 20, trainer::step);
        }
        assertThat(all).hasSize(20);
        assertThat(guard.steps).containsExactly(1L, 2L, 4L, 5L, 8L, 10L, 15L, 16L, 20L);
    }

    @Test
    void whatIsFrozenHasNoUpdateAndIsNotWaitedFor() throws Exception {
        Updates guard = new Updates();
        guard.at = update -> guard.steps.add((long) update.before().size());
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            model.getBlock().getChildren().valueAt(0).freezeParameters(true);
            batches(
                    trainer,
                    2,
                    () -> {
                        int before = guard.steps.size();
                        trainer.step();
                        assertThat(guard.steps).hasSize(before + 1);
                    });
        }
        assertThat(guard.steps).containsExactly(2L, 2L);
    }

    @Test
    void aLoopThatUpdatesPastItsTrainerShowsTheUpdateLater() throws Exception {
        Updates guard = new Updates();
        guard.at = update -> guard.steps.add(update.step());
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            batches(trainer, 4, () -> byHand(model));
            trainer.notifyListeners(one -> one.onEpoch(trainer));
        }
        assertThat(guard.steps).isNotEmpty().doesNotHaveDuplicates();
    }

    @Test
    void aGuardThatFailsAtAnUpdateStopsTheStepWithItsName() {
        Updates guard = new Updates();
        guard.at =
                update -> {
                    throw new IllegalStateException("on purpose");
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            assertThatThrownBy(() -> Points.fit(model, 0, listener))
                    .hasMessageContaining("\"updates\"")
                    .hasMessageContaining("at the update of step 1");
            assertThat(listener.tasks()).isEmpty();
        }
    }

    @Test
    void aThousandUpdatesLeaveNoArrayBehind() throws Exception {
        Updates guard = new Updates();
        guard.at =
                update ->
                        update.before().values().iterator().next().mul(2f).attach(update.scratch());
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard);
                Trainer trainer = adam(model, listener)) {
            batches(trainer, 100, trainer::step);
            int before = liveArrays();
            batches(trainer, 1000, trainer::step);
            assertThat(liveArrays()).isEqualTo(before);
        }
    }

    private static void byHand(Model model) {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray handle = parameter.getArray().stopGradient();
                    NDArray gradient = parameter.getArray().getGradient()) {
                NDArray step = gradient.mul(0.1f);
                handle.subi(step);
                step.close();
                gradient.subi(gradient);
            }
        }
    }

    private static void batches(Trainer trainer, int wanted, Runnable then) throws Exception {
        int done = 0;
        try (NDManager data = trainer.getManager().newSubManager()) {
            while (done < wanted) {
                for (Batch batch : Points.dataset(data, 1).getData(data)) {
                    if (done++ < wanted) {
                        EasyTrain.trainBatch(trainer, batch);
                        then.run();
                    }
                    batch.close();
                }
            }
        }
    }

    private static List<float[]> weights(Model model) {
        return model.getBlock().getParameters().values().stream()
                .map(parameter -> parameter.getArray().toFloatArray())
                .toList();
    }

    private static Trainer adam(Model model, ForgettingListener listener) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(
                                        Optimizer.adam()
                                                .optLearningRateTracker(Tracker.fixed(0.01f))
                                                .build())
                                .addTrainingListeners(listener));
        trainer.initialize(new Shape(Points.BATCH, 4));
        return trainer;
    }

    private static ForgettingListener listener(ForgettingGuard guard) {
        return ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build();
    }

    private static int liveArrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }

    /** Looks at updates. */
    private static final class Updates implements ForgettingGuard {

        private final List<float[]> before = new ArrayList<>();
        private final List<float[]> after = new ArrayList<>();
        private final List<Long> steps = new ArrayList<>();
        private Consumer<UpdateView> at = update -> {};
        private LongPredicate compared = step -> true;

        @Override
        public String name() {
            return "updates";
        }

        @Override
        public boolean looksAtUpdates() {
            return true;
        }

        @Override
        public boolean comparesUpdate(long step) {
            return compared.test(step);
        }

        @Override
        public void onUpdate(UpdateView update) {
            at.accept(update);
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
