package dev.engram.benchmark.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every block of {@code ai.djl.nn}, first in the model, in a loop of two tasks that contradict each
 * other.
 */
class EveryBlockTest {

    private static final double CHANCE = Math.log(BlockCase.CLASSES);
    private static final int EPOCHS = 4;
    private static final Map<String, Losses> UNGUARDED = new HashMap<>();

    /** In these DJL itself reads numbers whose memory a collection may have taken. */
    private static final Set<String> WITH_NUMBERS =
            Set.of("relu6", "swish", "BertBlock", "BertPretraining", "MobileNetV2");

    static Stream<BlockCase> blocks() {
        boolean collectsOften =
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .anyMatch(argument -> argument.startsWith("-Xmn"));
        return Stream.of(DjlBlocks.trainable(), DjlNetworks.trainable())
                .flatMap(List::stream)
                .filter(block -> !(collectsOften && WITH_NUMBERS.contains(block.name())));
    }

    static List<BlockCase> refused() {
        return DjlBlocks.refused();
    }

    static List<BlockCase> untrainable() {
        return DjlBlocks.untrainable();
    }

    @AfterAll
    static void forget() {
        UNGUARDED.clear();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void trainsLearnsAndRemembersUnderPenaltiesAndReplay(BlockCase block) throws Exception {
        Losses control = unguarded(block);
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addStrategy("ewc-online", Map.of("lambda", 0.1))
                        .addStrategy("si", Map.of("lambda", 0.1))
                        .addStrategy("mas", Map.of("lambda", 0.1, "samples", 8))
                        .addStrategy("er")
                        .optSampleCapacity(48)
                        .build()) {
            Losses guarded = twoTasks(block, listener, listener);

            assertThat(listener.tasks()).hasSize(2);
            assertThat(guarded.before).as("nothing is guarded yet").isEqualTo(control.before);
            guarded.assertKeepsMoreThan(control, block);
            assertActs(listener, "ewc-online", "si", "mas");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void aBaseTrainedElsewhereIsRemembered(BlockCase block) throws Exception {
        Losses control = unguarded(block);
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addStrategy("ewc-online", Map.of("lambda", 1.0))
                        .build()) {
            Losses guarded = twoTasks(block, null, listener);

            assertThat(listener.tasks()).hasSize(2);
            assertThat(guarded.before).as("the base is as it was").isEqualTo(control.before);
            guarded.assertKeepsMoreThan(control, block);
            assertActs(listener, "ewc-online");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void eachTaskHasItsOwnAdapterOverABaseThatStays(BlockCase block) throws Exception {
        try (Model model = model(block);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            model.getBlock().initialize(manager, DataType.FLOAT32, block.inputs());
            if (!block.adapts()) {
                assertThatThrownBy(() -> train(block, model, 0, listener))
                        .hasMessageContaining("nothing to adapt");
                return;
            }
            double base = loss(block, 0, forward(model.getBlock()));
            double other = loss(block, 1, forward(model.getBlock()));
            List<Double> first = new ArrayList<>();
            for (int task = 0; task < 2; task++) {
                train(block, model, task, listener);
                first.add(loss(block, 0, listener.tasks(model).handle("task-1")::predict));
            }
            double second = loss(block, 1, listener.tasks(model).handle("task-2")::predict);

            assertThat(loss(block, 0, forward(model.getBlock()))).isEqualTo(base);
            assertThat(first.get(0)).as("base %s", base).isLessThan(0.9 * base);
            assertThat(first.get(1)).isEqualTo(first.get(0));
            assertThat(second).as("base %s", other).isLessThan(0.9 * other);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void whatMayKillTheJvmIsRefusedBeforeItsFirstPass(BlockCase block) {
        for (String strategy : List.of("ewc-online", "lora")) {
            try (ForgettingListener listener =
                    ForgettingListener.builder().addStrategy(strategy).build()) {
                assertThatThrownBy(() -> twoTasks(block, listener, listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("optHasBiases(false)");
            }
        }
    }

    /** The faults are DJL's own: they need no listener. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("untrainable")
    void whatDjlCannotTrainAloneFailsAlikeUnderGuard(BlockCase block) {
        String message = block.fault().orElseThrow();
        assertThatThrownBy(() -> twoTasks(block, null, null)).hasMessageContaining(message);
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("ewc-online").build()) {
            assertThatThrownBy(() -> twoTasks(block, listener, listener))
                    .hasMessageContaining(message);
        }
    }

    private static void assertActs(ForgettingListener listener, String... guards) {
        for (String guard : guards) {
            assertThat(listener.effect(guard).orElseThrow().gradientShare())
                    .as(guard)
                    .isBetween(1e-6, 1.0);
        }
    }

    private static Losses unguarded(BlockCase block) throws Exception {
        Losses known = UNGUARDED.get(block.name());
        if (known == null) {
            known = twoTasks(block, null, null);
            UNGUARDED.put(block.name(), known);
        }
        return known;
    }

    private static Losses twoTasks(
            BlockCase block,
            @Nullable ForgettingListener first,
            @Nullable ForgettingListener second)
            throws Exception {
        try (Model model = model(block)) {
            train(block, model, 0, first);
            if (first == null && second != null) {
                second.remember(model, block.task(0));
            }
            double before = loss(block, 0, forward(model.getBlock()));
            KeptStatistics statistics = KeptStatistics.of(model.getBlock(), model.getNDManager());
            train(block, model, 1, second);
            double learnt = loss(block, 1, forward(model.getBlock()));
            statistics.putBack();
            return new Losses(before, loss(block, 0, forward(model.getBlock())), learnt);
        }
    }

    private static Model model(BlockCase block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("block", Device.cpu());
        model.setBlock(block.network());
        return model;
    }

    private static void train(
            BlockCase block, Model model, int task, @Nullable TrainingListener listener)
            throws Exception {
        Engine.getInstance().setRandomSeed(2 + task);
        Tracker rate = Tracker.fixed(block.rate());
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(Optimizer.adam().optLearningRateTracker(rate).build());
        if (listener != null) {
            config.addTrainingListeners(listener);
        }
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(block.inputs());
            EasyTrain.fit(trainer, EPOCHS, block.task(task), null);
        }
    }

    private static UnaryOperator<NDList> forward(Block block) {
        return inputs ->
                block.forward(new ParameterStore(inputs.head().getManager(), false), inputs, false);
    }

    private static double loss(BlockCase block, int task, UnaryOperator<NDList> model)
            throws Exception {
        double sum = 0;
        int count = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            for (Batch batch : block.task(task).getData(manager)) {
                NDList out = new NDList(model.apply(batch.getData()).head());
                sum += Loss.softmaxCrossEntropyLoss().evaluate(batch.getLabels(), out).getFloat();
                count++;
            }
        }
        return sum / count;
    }

    /** The first task's loss before and after the second, and the second's. */
    private record Losses(double before, double after, double second) {

        void assertKeepsMoreThan(Losses control, BlockCase block) {
            assertThat(before).as("first task").isLessThan(0.9 * CHANCE);
            assertThat(second).as("second task").isLessThan(0.9 * CHANCE);
            if (block.scatters()) {
                return;
            }
            double forgotten = control.after - before;
            assertThat(after)
                    .as("first task after the second; was %s, unguarded %s", before, control.after)
                    .isLessThan(Math.max(before + 0.15, control.after - 0.1 * forgotten));
        }
    }
}
