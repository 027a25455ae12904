package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.teacher.Teacher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedModelTest {

    @TempDir private Path memory;

    @Test
    void theTeacherAnswersAsTheModelDidWhenTheLastTaskEndedThoughItsWeightsMove() {
        Asking guard = new Asking();
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            Points.fit(model, 0, listener);
            NDArray probe = model.getNDManager().ones(new Shape(3, 4));
            float[] then = answers(model, probe);
            guard.probe = probe;
            guard.at = step -> guard.seen.add(guard.teacher.answers(step.model(), guard.inputs()));
            Points.fit(model, 1, listener);
            assertThat(answers(model, probe)).isNotEqualTo(then);
            assertThat(guard.floats).hasSize(Points.SAMPLES / Points.BATCH);
            assertThat(guard.floats).allSatisfy(seen -> assertThat(seen).isEqualTo(then));
        }
    }

    @Test
    void theTeacherIsSavedWithTheMemoryAndAnswersTheSameInAnotherProcess() {
        Asking first = new Asking();
        try (Model model = Points.model(1)) {
            NDArray probe = model.getNDManager().ones(new Shape(3, 4));
            try (ForgettingListener listener = remembering(first)) {
                Points.fit(model, 0, listener);
            }
            float[] then = answers(model, probe);
            Asking second = new Asking();
            second.probe = probe;
            second.at =
                    step -> second.seen.add(second.teacher.answers(step.model(), second.inputs()));
            try (ForgettingListener listener = remembering(second)) {
                Points.fit(model, 1, listener);
            }
            assertThat(second.floats).isNotEmpty().allSatisfy(f -> assertThat(f).isEqualTo(then));
        }
    }

    @Test
    void aPassLeavesStatisticsGradientsAndDropoutAlone() {
        Asking guard = new Asking();
        List<float[]> statistics = new ArrayList<>();
        guard.at =
                step -> {
                    NDArray mean = named(guard.block, "runningMean");
                    NDArray gradient = step.parameters().get(0).gradient();
                    float[] before = mean.toFloatArray();
                    float[] pull = gradient.toFloatArray();
                    NDList inputs = step.batches().get(0).data();
                    float[] once = step.model().predict(inputs).head().toFloatArray();
                    float[] twice = step.model().predict(inputs).head().toFloatArray();
                    guard.teacher.answers(step.model(), inputs);
                    assertThat(once).isEqualTo(twice);
                    assertThat(mean.toFloatArray()).isEqualTo(before);
                    assertThat(gradient.toFloatArray()).isEqualTo(pull);
                    statistics.add(before);
                    gradient.close();
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            guard.block = normalised();
            model.setBlock(guard.block);
            Points.fit(model, 0, listener);
            Points.fit(model, 1, listener);
        }
        assertThat(statistics).hasSize(2 * Points.SAMPLES / Points.BATCH);
    }

    @Test
    void theTeacherNormalisesByItsOwnStatistics() {
        Asking guard = new Asking();
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            model.setBlock(normalised());
            Points.fit(model, 0, listener);
            NDArray probe = model.getNDManager().ones(new Shape(3, 4));
            float[] then = answers(model, probe);
            guard.probe = probe;
            guard.at = step -> guard.seen.add(guard.teacher.answers(step.model(), guard.inputs()));
            Points.fit(model, 1, listener);
            assertThat(guard.floats).isNotEmpty().allSatisfy(f -> assertThat(f).isEqualTo(then));
        }
    }

    @Test
    void aPassIsRecordedForAutogradAndTheTeachersIsNot() {
        Asking guard = new Asking();
        guard.at =
                step -> {
                    NDList inputs = step.batches().get(0).data();
                    float[] before = gradient(step);
                    try (GradientCollector collector = step.trainer().newGradientCollector()) {
                        NDArray own = step.model().predict(inputs).head();
                        NDArray other = guard.teacher.answers(step.model(), inputs).head();
                        collector.backward(own.sub(other).square().sum());
                    }
                    guard.moved |= !java.util.Arrays.equals(before, gradient(step));
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            Points.fit(model, 0, listener);
            float[] taken = guard.teacher.values().get(guard.first).toFloatArray();
            guard.moved = false;
            guard.keeps = true;
            Points.fit(model, 1, listener);
            assertThat(guard.moved).isTrue();
            assertThat(guard.teacher.values().get(guard.first).toFloatArray()).isEqualTo(taken);
        }
    }

    @Test
    void featuresAreWhatTheLastLayerSees() {
        Asking guard = new Asking();
        List<Shape> shapes = new ArrayList<>();
        guard.at =
                step -> {
                    NDList inputs = step.batches().get(0).data();
                    shapes.add(step.model().features(inputs).getShape());
                    shapes.add(guard.teacher.of(step.model()).features(inputs).getShape());
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            Points.fit(model, 0, listener);
        }
        assertThat(shapes).isNotEmpty().containsOnly(new Shape(Points.BATCH, 16));
    }

    @Test
    void valuesWrittenAtTheEndOfATaskAreTheModels() {
        Asking guard = new Asking();
        List<float[]> written = new ArrayList<>();
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            NDArray probe = model.getNDManager().ones(new Shape(3, 4));
            guard.atEnd =
                    task -> {
                        Map<String, NDArray> halves = task.model().copy(task.scratch());
                        halves.values().forEach(value -> value.muli(0.5f));
                        task.model().set(halves);
                        written.add(halves.get(guard.first).toFloatArray());
                    };
            Points.fit(model, 0, listener);
            NDArray live = model.getBlock().getParameters().get(guard.first).getArray();
            assertThat(live.toFloatArray()).isEqualTo(written.get(0));
            float[] halved = answers(model, probe);
            guard.atEnd = task -> {};
            Points.fit(model, 1, listener);
            assertThat(answers(model, probe)).isNotEqualTo(halved);
        }
    }

    @Test
    void aTorchScriptModelRunsWithOtherValuesAndHasItsOwnAgain() throws Exception {
        Asking guard = new Asking();
        guard.at =
                step -> {
                    Map<String, NDArray> now = step.model().copy(step.scratch());
                    Map<String, NDArray> zeros = step.model().copy(step.scratch());
                    zeros.values().forEach(value -> value.muli(0));
                    float[] pull = gradient(step);
                    float[] own = step.model().predict(guard.inputs()).head().toFloatArray();
                    float[] other =
                            step.model().with(zeros).predict(guard.inputs()).head().toFloatArray();
                    assertThat(other).containsOnly(0);
                    assertThat(step.model().with(now).predict(guard.inputs()).head().toFloatArray())
                            .isEqualTo(own);
                    assertThat(step.model().predict(guard.inputs()).head().toFloatArray())
                            .isEqualTo(own);
                    assertThat(gradient(step)).isEqualTo(pull);
                    guard.floats.add(own);
                };
        Path folder = Path.of(GuardedModelTest.class.getResource("/scripted-mlp.pt").toURI());
        try (Model model = Model.newInstance("scripted-mlp", "PyTorch");
                ForgettingListener listener = listener(guard)) {
            model.load(folder.getParent(), "scripted-mlp", Map.of("trainParam", "true"));
            guard.probe = model.getNDManager().randomNormal(new Shape(5, 8));
            try (Trainer trainer = model.newTrainer(Points.config(0.1f, listener));
                    NDManager data = model.getNDManager().newSubManager()) {
                trainer.initialize(new Shape(16, 8));
                NDArray inputs = data.randomNormal(new Shape(48, 8));
                ArrayDataset set =
                        new ArrayDataset.Builder()
                                .setData(inputs)
                                .optLabels(
                                        inputs.get(":, 0").gt(0).toType(inputs.getDataType(), true))
                                .setSampling(16, false)
                                .build();
                EasyTrain.fit(trainer, 1, set, null);
            }
        }
        assertThat(guard.floats).hasSize(3);
        assertThat(guard.floats.get(2)).isNotEqualTo(guard.floats.get(0));
    }

    @Test
    void aThousandStepsWithATeacherLeaveNoArrayBehind() throws Exception {
        Asking guard = new Asking();
        guard.at =
                step -> {
                    NDList inputs = step.batches().get(0).data();
                    NDArray own = step.model().predict(inputs).head();
                    NDArray other = guard.teacher.answers(step.model(), inputs).head();
                    own.sub(other);
                    guard.teacher.follow(step, 0.99);
                };
        try (Model model = Points.model(1);
                ForgettingListener listener = listener(guard)) {
            Points.fit(model, 0, listener);
            try (Trainer trainer = Points.trainer(model, listener)) {
                steps(trainer, 100);
                int before = liveArrays();
                steps(trainer, 1000);
                assertThat(liveArrays()).isEqualTo(before);
            }
        }
    }

    private static void steps(Trainer trainer, int wanted) throws Exception {
        int done = 0;
        try (NDManager data = trainer.getManager().newSubManager()) {
            while (done < wanted) {
                for (Batch batch : Points.dataset(data, 1).getData(data)) {
                    if (done++ < wanted) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                    batch.close();
                }
            }
        }
    }

    private static int liveArrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }

    private static float[] gradient(StepView step) {
        try (NDArray gradient = step.parameters().get(0).gradient()) {
            return gradient.toFloatArray();
        }
    }

    private static Block normalised() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(BatchNorm.builder().build())
                .add(Dropout.builder().optRate(0.5f).build())
                .add(Linear.builder().setUnits(2).build());
    }

    private static NDArray named(Block block, String end) {
        return block.getParameters().stream()
                .filter(entry -> entry.getKey().endsWith(end))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getArray();
    }

    private static float[] answers(Model model, NDArray inputs) {
        try (NDManager scratch = model.getNDManager().newSubManager()) {
            NDArray given = inputs.duplicate();
            given.attach(scratch);
            return model.getBlock()
                    .forward(
                            new ai.djl.training.ParameterStore(scratch, false),
                            new NDList(given),
                            false)
                    .head()
                    .toFloatArray();
        }
    }

    private static ForgettingListener listener(ForgettingGuard guard) {
        return ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build();
    }

    private ForgettingListener remembering(ForgettingGuard guard) {
        return ForgettingListener.builder()
                .addGuard(guard)
                .optBase(Base.IGNORE)
                .optMemory(memory)
                .build();
    }

    /** Runs the model at each step, and takes it as its teacher at the end of each task. */
    private static final class Asking implements ForgettingGuard {

        private final Teacher teacher = new Teacher("teacher");
        private final List<float[]> floats = new ArrayList<>();
        private final Seen seen = new Seen();
        private Consumer<StepView> at = step -> {};
        private Consumer<FinishedTask> atEnd = task -> {};
        private NDArray probe;
        private Block block;
        private String first = "";
        private boolean moved;
        private boolean keeps;

        NDList inputs() {
            return new NDList(probe);
        }

        @Override
        public String name() {
            return "asking";
        }

        @Override
        public void onTaskBegin(TrainingView training) {
            first = training.parameters().get(0).name();
        }

        @Override
        public void onBackward(StepView step) {
            at.accept(step);
        }

        @Override
        public void onTaskEnd(FinishedTask task) {
            atEnd.accept(task);
            if (!keeps) {
                teacher.take(task.model(), task.manager());
            }
        }

        @Override
        public void save(MemoryWriter memory) {
            teacher.save(memory);
        }

        @Override
        public void restore(MemoryReader memory) {
            teacher.restore(memory);
        }

        private final class Seen {

            void add(NDList answers) {
                floats.add(answers.head().toFloatArray());
            }
        }
    }
}
