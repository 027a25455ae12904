package dev.engram.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.SmallModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistillationTest {

    @TempDir private Path memory;

    @ParameterizedTest
    @ValueSource(strings = {"lwf", "feature-distillation", "kl"})
    void whatTheModelAnswersToTheNewTasksInputsMovesLessThanInTheUnguardedControl(String strategy) {
        boolean isOfFeatures = strategy.equals("feature-distillation");
        double control;
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            SmallTasks.fit(model, 0, 10, SmallModels.adam());
            float[] before = outputs(model, 1, isOfFeatures);
            SmallTasks.fit(model, 1, 10, SmallModels.adam());
            control = distance(before, outputs(model, 1, isOfFeatures));
        }
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(strategy, Map.of("lambda", 5))) {
            if (strategy.equals("kl")) {
                SmallTasks.fit(model, 0, 10, SmallModels.adam());
            } else {
                SmallTasks.fit(model, 0, 10, SmallModels.adam(), listener);
            }
            float[] before = outputs(model, 1, isOfFeatures);
            SmallTasks.fit(model, 1, 10, SmallModels.adam(), listener);
            assertThat(distance(before, outputs(model, 1, isOfFeatures))).isLessThan(control / 2);
            assertThat(listener.effect(strategy).orElseThrow().gradientShare()).isPositive();
        }
    }

    /** What the model, or all but its last layer, makes of a task's inputs. */
    private static float[] outputs(Model model, int task, boolean withoutLast) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            NDList seen = new NDList(SmallTasks.inputs(manager, task).head().get(":128"));
            int layers = model.getBlock().getChildren().size() - (withoutLast ? 1 : 0);
            for (Block layer : model.getBlock().getChildren().values().subList(0, layers)) {
                seen = layer.forward(store, seen, false);
            }
            return seen.head().toFloatArray();
        }
    }

    private static double distance(float[] before, float[] after) {
        double sum = 0;
        for (int i = 0; i < before.length; i++) {
            sum += Math.pow(after[i] - before[i], 2);
        }
        return Math.sqrt(sum);
    }

    /** Joined to the loop's own loss, or in passes beside it because another guard looks on. */
    @Test
    void theTermIsTheSameWhetherItIsJoinedToTheLossOrInAPassOfItsOwn() {
        assertThat(after(new Joining())).containsExactly(after(new Looking()), within(2e-5f));
    }

    private static float[] after(Counting beside) {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("lwf")
                                .addGuard(beside)
                                .optBase(Base.IGNORE)
                                .build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.sgd(0.1f), listener);
            SmallTasks.fit(model, 1, 2, SmallModels.sgd(0.1f), listener);
            assertThat(beside.joined).isEqualTo(beside instanceof Joining ? 46 : 0);
            return weights(model);
        }
    }

    @Test
    void theUsersBlockAndLossAreBackWhenTheTrainerCloses() {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener("lwf", Map.of())) {
            Block own = model.getBlock();
            List<String> names = own.getParameters().keys();
            Trainer trainer = SmallTasks.trainer(model, SmallModels.adam(), listener);
            assertThat(model.getBlock().getParameters().keys()).isEqualTo(names);
            assertThat(trainer.getLoss().getName()).isEqualTo("SoftmaxCrossEntropyLoss");
            trainer.close();
            assertThat(model.getBlock()).isSameAs(own);
            assertThat(trainer.getLoss()).isInstanceOf(SoftmaxCrossEntropyLoss.class);
        }
    }

    @Test
    void theTeacherComesBackFromTheMemory() {
        float[] whole = new float[0];
        for (boolean restarts : new boolean[] {false, true}) {
            Path folder = memory.resolve("restarts-" + restarts);
            try (Model model = SmallModels.model(SmallModels.mlp())) {
                ForgettingListener listener = remembering(folder);
                SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
                if (restarts) {
                    listener.close();
                    listener = remembering(folder);
                }
                SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
                listener.close();
                if (restarts) {
                    assertThat(weights(model)).isEqualTo(whole);
                }
                whole = weights(model);
            }
        }
    }

    @Test
    void aTeacherOfTheUsersOwnTeachesFromTheFirstTask() {
        List<Integer> asked = new ArrayList<>();
        Distillation guard =
                Distillation.builder()
                        .optTeacher(
                                inputs -> {
                                    asked.add((int) inputs.head().getShape().get(0));
                                    NDArray rows = inputs.head().get(":, :" + SmallTasks.CLASSES);
                                    return new NDList(rows);
                                })
                        .optHeads(Heads.SHARED)
                        .optLambda(1000)
                        .build();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            assertThat(asked).hasSize(16).containsOnly(32);
            assertThat(listener.effect("lwf").orElseThrow().gradientShare()).isGreaterThan(0.9);
        }
    }

    @Test
    void aMovingAverageTeaches() {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        listener("lwf", Map.of("teacher", "ema", "ema", 0.9))) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            assertThat(listener.effect("lwf").orElseThrow().penalty()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lwf", "feature-distillation"})
    void aThousandStepsLeaveTheNumberOfLiveArraysUnchanged(String strategy) throws Exception {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(strategy, Map.of())) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            try (Trainer trainer = SmallTasks.trainer(model, SmallModels.adam(), listener)) {
                // The kept sample must be full: until then it may grow.
                steps(trainer, model, 200);
                int before = LiveArrays.count();
                steps(trainer, model, 1000);
                assertThat(LiveArrays.count()).isEqualTo(before);
            }
        }
    }

    @Test
    void aTorchScriptModelIsTaught() {
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener("lwf", Map.of())) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 3, SmallModels.adam(), listener);
            assertThat(listener.effect("lwf").orElseThrow().penalty()).isPositive();
        }
    }

    @Test
    void aProtectedBaseTeaches() {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("lwf")
                                .optBase(Base.PROTECT)
                                .build()) {
            SmallTasks.fit(model, 0, 5, SmallModels.adam());
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            assertThat(listener.effect("lwf").orElseThrow().penalty()).isPositive();
        }
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> listener("lwf", Map.of("lambda", -1, "temperature", 0)))
                .hasMessageContaining("2 problems");
        assertThatThrownBy(() -> Distillation.builder().optTemperature(0).build())
                .hasMessageContaining("temperature = 0");
    }

    private static ForgettingListener remembering(Path folder) {
        return ForgettingListener.builder().addStrategy("lwf").optMemory(folder).build();
    }

    private static ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optBase(Base.IGNORE)
                .build();
    }

    private static float[] weights(Model model) {
        return model.getBlock().getParameters().valueAt(0).getArray().toFloatArray();
    }

    private static void steps(Trainer trainer, Model model, int steps) throws Exception {
        int done = 0;
        try (NDManager data = model.getNDManager().newSubManager()) {
            while (done < steps) {
                for (Batch batch : SmallTasks.dataset(data, 1, 512).getData(data)) {
                    if (done++ < steps) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                    batch.close();
                }
            }
        }
    }

    /** Counts the batches that were joined. */
    private abstract static class Counting implements ForgettingGuard {

        int joined;

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public void onBackward(StepView step) {
            joined += (int) step.batches().stream().filter(StepBatch::wasJoined).count();
            assertThat(step.loss()).isInstanceOf(SoftmaxCrossEntropyLoss.class);
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }

    /** Has a term of nothing. */
    private static final class Joining extends Counting {

        @Override
        public boolean addsToLoss() {
            return true;
        }

        @Override
        public Optional<NDArray> onLoss(LossView batch) {
            assertThat(batch.loss()).isExactlyInstanceOf(Loss.softmaxCrossEntropyLoss().getClass());
            return Optional.empty();
        }
    }

    /** Looks at the loop's gradients alone. */
    private static final class Looking extends Counting {

        @Override
        public void onGradient(StepView step) {
            assertThat(step.step()).isPositive();
        }
    }
}
