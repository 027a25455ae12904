package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.util.Pair;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BottleneckAdaptersTest {

    private static final Task TASK = Task.named("reviews");

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void theyStartAsTheIdentityBitForBit(Gate gate) {
        Base base = Base.transformer(manager);
        TaskParameters task = Training.houlsby(gate).create(base, TASK);
        NDList inputs = new NDList(Base.sequence(manager));
        assertThat(Base.numbers(Base.pass(task, inputs, false)))
                .isEqualTo(Base.numbers(base.evaluate(inputs)));
    }

    @Test
    void theirParametersAreNamedByPlaceAndRequireAGradient() {
        Base base = Base.transformer(manager);
        assertThat(Training.houlsby(Gate.ZERO).create(base, TASK).parameters().keys())
                .filteredOn(name -> !name.endsWith("/copy"))
                .hasSize(20)
                .contains(
                        "02TransformerEncoderBlock_attention_down_weight",
                        "02TransformerEncoderBlock_feedForward_up_bias",
                        "03TransformerEncoderBlock_feedForward_gate");
        TaskAdapters pfeiffer =
                BottleneckAdapters.builder().optOwned("").build().create(base, TASK);
        assertThat(pfeiffer.parameters().keys())
                .filteredOn(name -> !name.endsWith("/copy"))
                .hasSize(8)
                .allMatch(name -> name.contains("_feedForward_"));
        assertThat(Training.trained(pfeiffer))
                .hasSize(8)
                .allMatch(parameter -> parameter.getArray().hasGradient());
        assertThat(pfeiffer.parameters().get("02TransformerEncoderBlock_feedForward_down_weight"))
                .satisfies(down -> assertThat(down.getShape().getShape()).containsExactly(32, 12));
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void trainingThemLowersTheLossAndLeavesTheBaseBitForBit(Gate gate) {
        Base base = Base.transformer(manager);
        TaskParameters task = Training.houlsby(gate).create(base, TASK);
        Map<String, float[]> before = base.weights();
        Map<String, float[]> fresh = values(task);
        List<Float> losses = Training.train(task, 150);
        double last = losses.subList(140, 150).stream().mapToDouble(v -> v).average().orElseThrow();
        assertThat(last).isLessThan(0.7 * losses.get(0));
        base.weights().forEach((name, now) -> assertThat(now).isEqualTo(before.get(name)));
        values(task).forEach((name, now) -> assertThat(now).as(name).isNotEqualTo(fresh.get(name)));
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void gradientsAreThoseOfFiniteDifferences(Gate gate) {
        Base base = Base.transformer(manager);
        TaskParameters task = Training.smooth(gate).create(base, TASK);
        Training.shake(task);
        NDList inputs = new NDList(Base.sequence(manager));
        Training.trained(task).forEach(p -> p.getArray().setRequiresGradient(true));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(Base.pass(task, inputs, false).head().sum());
        }
        for (Parameter parameter : Training.trained(task)) {
            NDArray array = parameter.getArray();
            NDArray gradient = array.getGradient();
            NDArray direction = gradient.div(gradient.norm().add(1e-12));
            array.setRequiresGradient(false);
            double step = 1e-2;
            array.addi(direction.mul(step));
            double above = Base.pass(task, inputs, false).head().sum().getFloat();
            array.subi(direction.mul(2 * step));
            double below = Base.pass(task, inputs, false).head().sum().getFloat();
            array.addi(direction.mul(step));
            assertThat((above - below) / (2 * step))
                    .as(parameter.getName())
                    .isCloseTo(gradient.norm().getFloat(), withinPercentage(5));
        }
    }

    @Test
    void tasksDoNotDisturbEachOther() {
        Base base = Base.transformer(manager);
        TaskParameters first = Training.houlsby(Gate.NONE).create(base, TASK);
        Training.train(first, 5);
        NDList inputs = new NDList(Base.sequence(manager));
        base.parameters()
                .values()
                .forEach(parameter -> assertThat(parameter.requiresGradient()).isFalse());
        float[] before = Base.numbers(Base.pass(first, inputs, false));
        TaskParameters second = Training.houlsby(Gate.NONE).create(base, TASK);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(Base.pass(second, inputs, false).head().square().sum());
        }
        for (Parameter parameter : Training.trained(second)) {
            descend(parameter);
        }
        assertThat(Base.numbers(Base.pass(first, inputs, false))).isEqualTo(before);
        assertThat(Base.numbers(Base.pass(second, inputs, false))).isNotEqualTo(before);
    }

    @Test
    void passesOnSeveralThreadsGiveWhatEachGivesAlone() throws Exception {
        Base base = Base.transformer(manager);
        List<TaskParameters> tasks = new ArrayList<>();
        List<float[]> alone = new ArrayList<>();
        NDArray sequence = Base.sequence(manager);
        for (int i = 0; i < 3; i++) {
            tasks.add(Training.houlsby(Gate.NONE).create(base, TASK));
            Training.train(tasks.get(i), 2 + i);
        }
        // Training moved the statistics of the base.
        tasks.forEach(task -> alone.add(evaluateOwn(task, sequence)));
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<float[]>> results = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                TaskParameters task = tasks.get(i % 3);
                float[] numbers = sequence.toFloatArray();
                results.add(pool.submit(() -> evaluateOwn(task, numbers)));
            }
            for (int i = 0; i < 60; i++) {
                assertThat(results.get(i).get()).isEqualTo(alone.get(i % 3));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void passesLeaveNoArraysWithBaseOrAdapters() {
        Base base = Base.transformer(manager);
        TaskParameters task = Training.houlsby(Gate.ZERO).create(base, TASK);
        int kept = base.manager().getManagedArrays().size();
        assertThat(kept).isEqualTo(task.parameters().size());
        int all = manager.getManagedArrays().size();
        try (NDManager batch = manager.newSubManager()) {
            NDList inputs = new NDList(batch.randomNormal(Base.INPUT));
            Base.pass(task, inputs, true);
        }
        assertThat(base.manager().getManagedArrays()).hasSize(kept);
        assertThat(manager.getManagedArrays()).hasSize(all);
    }

    private static void descend(Parameter parameter) {
        NDArray array = parameter.getArray();
        NDArray gradient = array.getGradient();
        array.setRequiresGradient(false);
        array.subi(gradient.mul(0.2f));
        array.setRequiresGradient(true);
        array.getGradient().muli(0);
    }

    private static Map<String, float[]> values(TaskParameters task) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : task.parameters()) {
            values.put(entry.getKey(), entry.getValue().getArray().toFloatArray());
        }
        return values;
    }

    private static float[] evaluateOwn(TaskParameters task, NDArray sequence) {
        return evaluateOwn(task, sequence.toFloatArray());
    }

    private static float[] evaluateOwn(TaskParameters task, float[] numbers) {
        try (NDManager own = NDManager.newBaseManager(Device.cpu())) {
            NDList inputs = new NDList(own.create(numbers, Base.INPUT));
            return Base.numbers(Base.pass(task, inputs, false));
        }
    }
}
