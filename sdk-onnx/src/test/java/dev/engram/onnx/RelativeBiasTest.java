package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.write.OrtRun;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelativeBiasTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path file;
    private OnnxBlock block;

    @BeforeEach
    void read() throws Exception {
        file = RelativeBias.model().write(folder.resolve("t5.onnx"));
        block = OnnxBlock.builder().setModel(file).build();
    }

    @AfterEach
    void close() {
        block.clear();
        manager.close();
    }

    private NDList ids(int rows, int length) {
        return new NDList(
                manager.arange(rows * length)
                        .mod(11)
                        .toType(DataType.INT64, false)
                        .reshape(rows, length));
    }

    private NDArray run(NDList ids, boolean training) {
        return block.forward(new ParameterStore(manager, false), ids, training).head();
    }

    /** Each length has buckets of its own, those beyond the greatest distance included. */
    @Test
    void everyLengthAgreesWithOnnxRuntime() {
        try (OrtRun runtime = new OrtRun(file)) {
            for (int length : new int[] {1, 3, 9, 40, 9}) {
                NDList ids = ids(2, length);
                double[] expected = runtime.run(block.inputs(), ids, block.outputs()).get(0);
                assertThat(Difference.relative(run(ids, false), expected)).isLessThan(1e-5);
            }
        }
    }

    @Test
    void theTiedTableAndTheBiasOfTheBucketsLearn() {
        assertThat(block.trained().keySet())
                .containsExactlyInAnyOrder("table", "bias", "norm", "norm2", "q", "k", "v", "o");
        block.getDirectParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(run(ids(3, 9), true).square().sum());
        }
        for (var parameter : block.getDirectParameters()) {
            NDArray gradient = parameter.getValue().getArray().getGradient();
            assertThat(gradient.isNaN().any().getBoolean()).as(parameter.getKey()).isFalse();
            assertThat(gradient.abs().sum().getFloat()).as(parameter.getKey()).isPositive();
        }
    }

    @Test
    void theTiedTableIsWrittenOnce() throws Exception {
        NDArray table = block.getParameters().get("table").getArray();
        table.addi(0.25f);
        OnnxWriter.builder().setBlock(block).addSample(ids(2, 7)).build().write(file);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        assertThat(again.getParameters().get("table").getArray()).isEqualTo(table);
        assertThat(table.getShape()).isEqualTo(new Shape(11, 8));
        again.clear();
    }
}
