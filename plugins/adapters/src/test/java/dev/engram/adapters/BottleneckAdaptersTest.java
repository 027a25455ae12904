package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPercentage;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
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
        TaskParameters task = houlsby(gate).create(base, TASK);
        NDList inputs = new NDList(Base.sequence(manager));
        assertThat(Base.numbers(Base.pass(task, inputs, false)))
                .isEqualTo(Base.numbers(base.evaluate(inputs)));
    }

    @Test
    void theirParametersAreNamedByPlaceAndRequireAGradient() {
        Base base = Base.transformer(manager);
        assertThat(houlsby(Gate.ZERO).create(base, TASK).parameters().keys())
                .hasSize(20)
                .contains(
                        "02TransformerEncoderBlock_attention_down_weight",
                        "02TransformerEncoderBlock_feedForward_up_bias",
                        "03TransformerEncoderBlock_feedForward_gate");
        TaskAdapters pfeiffer = BottleneckAdapters.builder().build().create(base, TASK);
        assertThat(pfeiffer.parameters().keys())
                .hasSize(8)
                .allMatch(name -> name.contains("_feedForward_"));
        assertThat(pfeiffer.parameters().values())
                .allMatch(Parameter::requiresGradient)
                .allMatch(parameter -> parameter.getArray().hasGradient());
        assertThat(pfeiffer.parameters().get("02TransformerEncoderBlock_feedForward_down_weight"))
                .satisfies(down -> assertThat(down.getShape().getShape()).containsExactly(32, 12));
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void trainingThemLowersTheLossAndLeavesTheBaseBitForBit(Gate gate) {
        Base base = Base.transformer(manager);
        TaskParameters task = houlsby(gate).create(base, TASK);
        Map<String, float[]> before = base.weights();
        Map<String, float[]> fresh = values(task);
        List<Float> losses = train(task, 150);
        double last = losses.subList(140, 150).stream().mapToDouble(v -> v).average().orElseThrow();
        assertThat(last).isLessThan(0.7 * losses.get(0));
        base.weights().forEach((name, now) -> assertThat(now).isEqualTo(before.get(name)));
        values(task).forEach((name, now) -> assertThat(now).as(name).isNotEqualTo(fresh.get(name)));
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void gradientsAreThoseOfFiniteDifferences(Gate gate) {
        Base base = Base.transformer(manager);
        TaskParameters task = houlsby(gate).create(base, TASK);
        shake(task);
        NDList inputs = new NDList(Base.sequence(manager));
        task.parameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(Base.pass(task, inputs, false).head().sum());
        }
        for (Pair<String, Parameter> entry : task.parameters()) {
            NDArray array = entry.getValue().getArray();
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
                    .as(entry.getKey())
                    .isCloseTo(gradient.norm().getFloat(), withPercentage(5));
        }
    }

    @Test
    void tasksDoNotDisturbEachOther() {
        Base base = Base.transformer(manager);
        TaskParameters first = houlsby(Gate.NONE).create(base, TASK);
        train(first, 5);
        NDList inputs = new NDList(Base.sequence(manager));
        base.parameters()
                .values()
                .forEach(parameter -> assertThat(parameter.requiresGradient()).isFalse());
        float[] before = Base.numbers(Base.pass(first, inputs, false));
        TaskParameters second = houlsby(Gate.NONE).create(base, TASK);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(Base.pass(second, inputs, false).head().square().sum());
        }
        for (Parameter parameter : second.parameters().values()) {
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
            tasks.add(houlsby(Gate.NONE).create(base, TASK));
            train(tasks.get(i), 2 + i);
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
        TaskParameters task = houlsby(Gate.ZERO).create(base, TASK);
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

    @Test
    void aModelWithoutKnownLayersIsRefusedWithWhatCouldBeNamed() {
        Base base = Base.mlp(manager);
        assertThatThrownBy(() -> houlsby(Gate.NONE).create(base, TASK))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("no place after attention was found")
                .hasMessageContaining("no place after feed-forward was found")
                .hasMessageContaining("could name children of sequences: 01Linear, 02LambdaBlock")
                .hasMessageContaining("SequentialBlock (known)")
                .hasMessageContaining("BlockRewriter");
        assertThat(base.manager().getManagedArrays()).as("nothing is left behind").isEmpty();
    }

    @Test
    void namedChildrenOfASequenceGetAdapters() {
        Base base = Base.mlp(manager);
        BottleneckAdapters adapters =
                BottleneckAdapters.builder().optBottleneck(4).addAfter("02LambdaBlock").build();
        TaskParameters task = adapters.create(base, TASK);
        assertThat(task.parameters().keys())
                .containsExactly(
                        "02LambdaBlock_after_down_weight",
                        "02LambdaBlock_after_down_bias",
                        "02LambdaBlock_after_up_weight",
                        "02LambdaBlock_after_up_bias");
        assertThat(task.parameters().valueAt(0).getShape().getShape()).containsExactly(4, 16);
        NDList inputs = new NDList(manager.randomNormal(new Shape(4, 12)));
        float[] expected = Base.numbers(base.evaluate(inputs));
        assertThat(Base.numbers(Base.pass(task, inputs, false))).isEqualTo(expected);
        task.parameters().valueAt(3).getArray().setRequiresGradient(false);
        task.parameters().valueAt(3).getArray().addi(1);
        assertThat(Base.numbers(Base.pass(task, inputs, false))).isNotEqualTo(expected);
    }

    @Test
    void aNameThatIsNotThereIsRefusedWithThoseThatAre() {
        BottleneckAdapters adapters =
                BottleneckAdapters.builder().addAfter("02LambdaBlock").addAfter("07Relu").build();
        assertThatThrownBy(() -> adapters.create(Base.mlp(manager), TASK))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("names what is not there: 07Relu;")
                .hasMessageContaining("01Linear, 02LambdaBlock, 03Linear");
    }

    @Test
    void oneTaskWithWeightOneIsThatTaskBitForBit() {
        for (Gate gate : Gate.values()) {
            Base base = Base.transformer(manager);
            BottleneckAdapters adapters = houlsby(gate);
            TaskParameters task = adapters.create(base, TASK);
            train(task, 5);
            NDList inputs = new NDList(Base.sequence(manager));
            TaskParameters same = adapters.combine(base, Map.of(task, 1.0));
            assertThat(Base.numbers(Base.pass(same, inputs, false)))
                    .isEqualTo(Base.numbers(Base.pass(task, inputs, false)));
            assertThat(same.parameters().keys()).isEqualTo(task.parameters().keys());
        }
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void aSumAddsWhatEachTaskAdds(Gate gate) {
        Base base = Base.mlp(manager);
        BottleneckAdapters adapters =
                BottleneckAdapters.builder().optGate(gate).addAfter("03Linear").build();
        NDList inputs = new NDList(manager.randomNormal(new Shape(4, 12)));
        Map<TaskParameters, Double> weights = new LinkedHashMap<>();
        NDArray plain = base.evaluate(inputs).head();
        NDArray expected = plain;
        for (double weight : new double[] {0.25, -2}) {
            TaskParameters task = adapters.create(base, TASK);
            shake(task);
            weights.put(task, weight);
            NDArray added = Base.pass(task, inputs, false).head().sub(plain);
            expected = expected.add(added.mul(weight));
        }
        TaskParameters sum = adapters.combine(base, weights);
        NDArray actual = Base.pass(sum, inputs, false).head();
        assertThat(actual.allClose(expected, 1e-4, 1e-5, false)).isTrue();
        assertThat(sum.parameters().valueAt(0).getShape().get(0)).isEqualTo(64);
    }

    private BottleneckAdapters houlsby(Gate gate) {
        return BottleneckAdapters.builder()
                .optBottleneck(6)
                .optPlacement(Placement.HOULSBY)
                .optActivation(AdapterActivation.RELU)
                .optGate(gate)
                .build();
    }

    private void shake(TaskParameters task) {
        for (Parameter parameter : task.parameters().values()) {
            NDArray array = parameter.getArray();
            array.setRequiresGradient(false);
            array.addi(manager.randomNormal(array.getShape()));
        }
    }

    /** The class is told by the sign of one feature of the first position. */
    private List<Float> train(TaskParameters task, int steps) {
        Engine.getInstance().setRandomSeed(3);
        List<Float> losses = new ArrayList<>();
        NDArray x = manager.randomNormal(new Shape(64, 5, Base.WIDTH));
        NDArray labels = x.get(":, 0, 3").gt(0).toType(DataType.INT64, false);
        Loss loss = Loss.softmaxCrossEntropyLoss();
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(0.01f)).build();
        for (int step = 0; step < steps; step++) {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDList out = Base.pass(task, new NDList(x), true);
                NDArray value = loss.evaluate(new NDList(labels), out);
                collector.backward(value);
                losses.add(value.getFloat());
            }
            for (Parameter parameter : task.parameters().values()) {
                NDArray array = parameter.getArray();
                adam.update(parameter.getId(), array, array.getGradient());
            }
        }
        return losses;
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
