package dev.engram.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.IsolatingProvider;
import dev.engram.tck.support.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AveragingTest {

    @TempDir private Path memory;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROBES")
    void theOldTaskStaysWhereTheUnguardedControlForgetsIt(AveragingRule rule) {
        double control;
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            SmallTasks.fit(model, 0, 10, SmallModels.adam());
            SmallTasks.fit(model, 1, 10, SmallModels.adam());
            control = SmallTasks.accuracy(model, 0);
        }
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(Map.of("rule", rule))) {
            SmallTasks.fit(model, 0, 10, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 10, SmallModels.adam(), listener);
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(control);
        }
    }

    @Test
    void onTheProbesTheSearchedWeightsAreNoWorseThanTheBetterEnd() {
        List<Double> losses = new ArrayList<>();
        for (Map<String, ?> rule :
                List.of(
                        Map.of("rule", "probes", "probes", 512),
                        Map.of("rule", "fixed", "share", 0),
                        Map.of("rule", "fixed", "share", 1))) {
            try (Model model = SmallModels.model(SmallModels.mlp());
                    ForgettingListener listener = listener(rule)) {
                SmallTasks.fit(model, 0, 5, SmallModels.adam(), listener);
                SmallTasks.fit(model, 1, 40, SmallModels.adam(), listener);
                losses.add(loss(model, 0) + loss(model, 1));
            }
        }
        assertThat(losses.get(0))
                .isLessThanOrEqualTo(Math.min(losses.get(1), losses.get(2)) + 1e-4);
        assertThat(losses.get(0)).isLessThan(losses.get(2));
    }

    private static double loss(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            double sum = 0;
            for (Batch batch : SmallTasks.dataset(manager, task).getData(manager)) {
                sum +=
                        Loss.softmaxCrossEntropyLoss()
                                .evaluate(
                                        batch.getLabels(),
                                        model.getBlock().forward(store, batch.getData(), false))
                                .getFloat();
            }
            return sum / 16;
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theThirdTaskWeighsAThirdAlsoInAnotherProcess() {
        Map<String, ?> inverse = Map.of("rule", "inverse");
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            try (ForgettingListener listener = remembering(inverse)) {
                SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
                SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            }
            float[] before = weights(model);
            Seen seen = new Seen();
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("averaging", inverse)
                            .addGuard(seen)
                            .optMemory(memory)
                            .build()) {
                SmallTasks.fit(model, 2, 1, SmallModels.adam(), listener);
            }
            float[] after = weights(model);
            for (int i = 0; i < before.length; i++) {
                float third = before[i] + (seen.last[i] - before[i]) / 3;
                assertThat(after[i]).isCloseTo(third, within(1e-6f));
            }
        }
    }

    @Test
    void othersLookAtTheAveragedWeightsWhenTheyPrepare() {
        Seen seen = new Seen();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(seen)
                                .addStrategy("averaging", Map.of("rule", "fixed", "share", 0.25))
                                .build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            assertThat(seen.prepared).isEqualTo(weights(model));
            assertThat(seen.last).isNotEqualTo(weights(model));
        }
    }

    @Test
    void aTaskThatAnotherGuardCannotLearnLeavesTheWeightsThatItEndedWith() {
        Seen seen = new Seen();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(seen)
                                .addStrategy("averaging", Map.of("rule", "fixed", "share", 0.25))
                                .build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            seen.fails = true;
            assertThatThrownBy(() -> SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener))
                    .hasMessageContaining("on purpose");
            assertThat(weights(model)).isEqualTo(seen.last);
        }
    }

    @Test
    void aModelThatBeginsAtRandomIsNoneOfTheAveragedAndAProtectedBaseIsTheFirst() {
        Map<String, ?> none = Map.of("rule", "fixed", "share", 0);
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(none)) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            float[] base = weights(model);
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(0.5);
            try (ForgettingListener next =
                    ForgettingListener.builder()
                            .addStrategy("averaging", none)
                            .optBase(Base.PROTECT)
                            .build()) {
                SmallTasks.fit(model, 1, 1, SmallModels.adam(), next);
                assertThat(weights(model)).isEqualTo(base);
            }
            try (ForgettingListener next = listener(none)) {
                next.remember(model);
                SmallTasks.fit(model, 1, 1, SmallModels.adam(), next);
                assertThat(weights(model)).isEqualTo(base);
            }
        }
    }

    @Test
    void nothingButACountAndShapesIsStored() throws IOException {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = remembering(Map.of())) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
        }
        assertThat(files(memory)).noneMatch(file -> file.endsWith(".safetensors"));
    }

    @Test
    void probesAreStoredRestoredAndErased() {
        Map<String, ?> probes = Map.of("rule", "probes", "probes", 16);
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            try (ForgettingListener listener = withSubjects(probes)) {
                SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            }
            try (ForgettingListener listener = withSubjects(probes)) {
                SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
                long ada = listener.erase("ada");
                assertThat(ada).isBetween(1L, 31L);
                assertThat(listener.erase("ada")).isZero();
                assertThat(listener.erase("bob")).isEqualTo(32 - ada);
                SmallTasks.fit(model, 2, 1, SmallModels.adam(), listener);
            }
        }
    }

    @Test
    void aMovingAverageIsServedInsteadOfTheLastWeights() {
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam());
            Seen seen = new Seen();
            float[] begin = weights(model);
            float[] expected = begin.clone();
            seen.decay = 0.9f;
            seen.average = expected;
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addGuard(seen)
                            .addStrategy("averaging", Map.of("ema", 0.9))
                            .optBase(Base.IGNORE)
                            .build()) {
                SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            }
            float[] after = weights(model);
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i]).isCloseTo(expected[i], within(1e-5f));
            }
            assertThat(after).isNotEqualTo(seen.last);
        }
    }

    @Test
    void aThousandStepsLeaveTheNumberOfLiveArraysUnchanged() throws Exception {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(Map.of("ema", 0.99))) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            try (Trainer trainer = SmallTasks.trainer(model, SmallModels.adam(), listener)) {
                steps(trainer, model, 200);
                int before = LiveArrays.count();
                steps(trainer, model, 1000);
                assertThat(LiveArrays.count()).isEqualTo(before);
            }
        }
    }

    @Test
    void theEndOfATaskLeavesNoMoreArraysThanWithAGuardThatDoesNothing() {
        assertThat(leftByATask(listener(Map.of("ema", 0.99))))
                .isEqualTo(
                        leftByATask(
                                ForgettingListener.builder()
                                        .addGuard(new Seen())
                                        .optBase(Base.IGNORE)
                                        .build()));
    }

    private static int leftByATask(ForgettingListener listener) {
        try (Model model = SmallModels.model(SmallModels.mlp());
                listener) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            int before = LiveArrays.count();
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            return LiveArrays.count() - before;
        }
    }

    @Test
    void aTorchScriptModelIsAveraged() {
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener(Map.of())) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 3, SmallModels.adam(), listener);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(SmallModels.isFinite(model)).isTrue();
        }
    }

    @Test
    void wrongSettingsAndAnIsolationBesideItAreRefused() {
        assertThatThrownBy(() -> listener(Map.of("share", 2, "ema", 1)))
                .hasMessageContaining("2 problems")
                .hasMessageContaining("share = \"2\"");
        assertThatThrownBy(() -> WeightAveraging.builder().optProbes(0).build())
                .hasMessageContaining("probes = 0");
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addProvider(new IsolatingProvider())
                                        .addStrategy("isolating")
                                        .addStrategy("averaging")
                                        .build())
                .hasMessageContaining("averaging allows no other isolation, but isolating is one");
    }

    private ForgettingListener withSubjects(Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy("averaging", settings)
                .optMemory(memory)
                .optSubjects(
                        batch ->
                                Stream.iterate(0, i -> i + 1)
                                        .limit(batch.getSize())
                                        .map(i -> i % 2 == 0 ? "ada" : "bob")
                                        .toList())
                .build();
    }

    private ForgettingListener remembering(Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy("averaging", settings)
                .optMemory(memory)
                .build();
    }

    private static ForgettingListener listener(Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy("averaging", settings)
                .optBase(Base.IGNORE)
                .build();
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(Path::toString).toList();
        }
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

    /** Writes down the first parameter: after each step, and when a task's end is prepared. */
    private static final class Seen implements ForgettingGuard {

        private float[] last = {};
        private float[] prepared = {};
        private float[] average = {};
        private float decay;
        private boolean fails;

        @Override
        public String name() {
            return "seen";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public void onStep(TrainingView training) {
            last = training.parameters().get(0).value().toFloatArray();
            for (int i = 0; i < average.length; i++) {
                average[i] = decay * average[i] + (1 - decay) * last[i];
            }
        }

        @Override
        public void prepareTaskEnd(FinishedTask task) {
            prepared = task.parameters().get(0).value().toFloatArray();
            if (fails) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
