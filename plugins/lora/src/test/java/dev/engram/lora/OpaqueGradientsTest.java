package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.autograd.Scaled;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A TorchScript model's own gradients reach a task whole, however many passes made them. */
class OpaqueGradientsTest {

    private static final Bases KIND = Bases.TORCH_SCRIPT;

    /** Two halves of a batch, whose losses are halved, make the step of the whole one. */
    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3", "o-lora"})
    void thoseOfSeveralBatchesAddUp(String strategy) throws Exception {
        assertClose(trained(strategy, 2, 0.2f, false), trained(strategy, 1, 0.2f, false));
    }

    /** Rehearsing the batch itself doubles the gradient. */
    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3"})
    void thoseOfRehearsedSamplesAreAmongThem(String strategy) throws Exception {
        assertClose(trained(strategy, 1, 0.1f, true), trained(strategy, 1, 0.2f, false));
    }

    /** What a pass leaves out has no part in its gradient, and nothing else has none. */
    @Test
    void theyAreThoseOfTheColumnsThatThePassKept() throws Exception {
        Columns columns = new Columns();
        try (Model model = KIND.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy("lora", Map.of("dropout", 0.5, "owned", ""))
                                .addGuard(columns)
                                .build()) {
            Batch all = KIND.dataset(manager, 0, Bases.BATCH).getData(manager).iterator().next();
            columns.keep(model);
            try (Trainer trainer = trainer(model, 0.2f, memory)) {
                for (int step = 0; step < 3; step++) {
                    backward(trainer, all, 0, 1);
                    trainer.step();
                }
                memory.endTask();
            }
        }
        assertThat(columns.compared).isGreaterThan(0);
    }

    private static float[] trained(String strategy, int parts, float rate, boolean again)
            throws Exception {
        try (Model model = KIND.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener memory = listener(strategy, again)) {
            for (int task = 0; task < 2; task++) {
                Batch all =
                        KIND.dataset(manager, task, Bases.BATCH).getData(manager).iterator().next();
                try (Trainer trainer = trainer(model, rate, memory)) {
                    for (int step = 0; step < 4; step++) {
                        for (int part = 0; part < parts; part++) {
                            backward(trainer, all, part, parts);
                        }
                        trainer.step();
                    }
                    memory.endTask();
                }
            }
            return KIND.outputs(model, memory.tasks(model).handle("task-2").block(), 0);
        }
    }

    private static ForgettingListener listener(String strategy, boolean again) {
        var builder = ForgettingListener.builder().addStrategy(strategy);
        return again ? builder.addGuard(new Again()).build() : builder.build();
    }

    private static Trainer trainer(Model model, float rate, ForgettingListener memory) {
        model.getNDManager().getEngine().setRandomSeed(3);
        return model.newTrainer(
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build())
                        .addTrainingListeners(memory));
    }

    private static void backward(Trainer trainer, Batch all, int part, int parts) {
        int size = Bases.BATCH / parts;
        NDIndex rows = new NDIndex((part * size) + ":" + ((part + 1) * size));
        NDList data = new NDList(all.getData().head().get(rows));
        NDList labels = new NDList(all.getLabels().head().get(rows));
        NDList outputs;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            outputs = trainer.forward(data);
            NDArray loss = trainer.getLoss().evaluate(labels, outputs);
            collector.backward(Scaled.by(1.0 / parts, loss));
        }
        Device device = trainer.getDevices()[0];
        Batch batch = new Batch(all.getManager(), data, labels, size, null, null, part, parts);
        BatchData heard =
                new BatchData(
                        batch,
                        new ConcurrentHashMap<>(Map.of(device, labels)),
                        new ConcurrentHashMap<>(Map.of(device, outputs)));
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, heard));
    }

    private static void assertClose(float[] found, float[] wanted) {
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(wanted[i], within(1e-4f));
        }
    }

    /** Compares which columns of the written weights moved with those that have gradients. */
    private static final class Columns implements ForgettingGuard {

        private final Map<String, float[][]> before = new ConcurrentHashMap<>();
        private int compared;

        void keep(Model model) {
            model.getBlock()
                    .getParameters()
                    .forEach(own -> before.put(own.getKey(), rows(own.getValue().getArray())));
        }

        @Override
        public String name() {
            return "columns";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public void onBackward(StepView step) {
            for (LiveParameter own : step.parameters()) {
                if (step.step() > 1 && own.name().endsWith("/lora_A")) {
                    String path = own.name().replace("/lora_A", "");
                    Block block = step.trainer().getModel().getBlock();
                    float[][] now = rows(block.getParameters().get(path).getArray());
                    try (NDArray gradient = own.gradient()) {
                        assertThat(columns(rows(gradient), null))
                                .isEqualTo(columns(now, before.get(path)));
                    }
                    compared++;
                }
            }
        }

        private static float[][] rows(NDArray array) {
            int rows = (int) array.getShape().get(0);
            float[] all = array.toFloatArray();
            float[][] cut = new float[rows][];
            for (int i = 0; i < rows; i++) {
                cut[i] =
                        Arrays.copyOfRange(all, i * all.length / rows, (i + 1) * all.length / rows);
            }
            return cut;
        }

        /** Returns the columns that differ from others', or from zero. */
        private static Set<Integer> columns(float[][] rows, float @Nullable [][] others) {
            Set<Integer> found = new TreeSet<>();
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < rows[i].length; j++) {
                    if (rows[i][j] != (others == null ? 0 : others[i][j])) {
                        found.add(j);
                    }
                }
            }
            return found;
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }

    /** Runs the batch once more. */
    private static final class Again implements ForgettingGuard {

        @Override
        public String name() {
            return "again";
        }

        @Override
        public Set<String> roles() {
            return Set.of(Role.REHEARSAL);
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public void onBackward(StepView step) {
            Batch batch = step.batch().getBatch();
            try (GradientCollector collector = step.trainer().newGradientCollector()) {
                NDList outputs = step.trainer().forward(batch.getData());
                collector.backward(step.loss().evaluate(batch.getLabels(), outputs));
            }
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
