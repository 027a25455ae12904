package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterSumTest {

    private static final Task TASK = Task.named("reviews");

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void oneTaskWithWeightOneIsThatTaskBitForBit() {
        for (Gate gate : Gate.values()) {
            Base base = Base.transformer(manager);
            BottleneckAdapters adapters = Training.houlsby(gate);
            TaskParameters task = adapters.create(base, TASK);
            Training.train(task, 5);
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
                BottleneckAdapters.builder()
                        .optOwned("")
                        .optGate(gate)
                        .addAfter("03Linear")
                        .build();
        NDList inputs = new NDList(manager.randomNormal(new Shape(4, 12)));
        Map<TaskParameters, Double> weights = new LinkedHashMap<>();
        NDArray plain = base.evaluate(inputs).head();
        NDArray expected = plain;
        for (double weight : new double[] {0.25, -2}) {
            TaskParameters task = adapters.create(base, TASK);
            Training.shake(task);
            weights.put(task, weight);
            NDArray added = Base.pass(task, inputs, false).head().sub(plain);
            expected = expected.add(added.mul(weight));
        }
        TaskParameters sum = adapters.combine(base, weights);
        NDArray actual = Base.pass(sum, inputs, false).head();
        assertThat(actual.allClose(expected, 1e-4, 1e-5, false)).isTrue();
        assertThat(sum.parameters().valueAt(0).getShape().get(0)).isEqualTo(64);
    }
}
