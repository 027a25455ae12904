package dev.engram.benchmark.cost;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.onnx.OnnxBlock;
import dev.engram.sleep.Sleep;
import dev.engram.sleep.SleepReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model of an ONNX file learns in its sleep what one of other blocks knows. */
class SleepingOnnxTest {

    private static final Shape BATCH = new Shape(64, 8);

    @TempDir private Path folder;

    @Test
    void itLearnsAndIsAsItWasAfterADryRun() throws Exception {
        try (Model model = Model.newInstance("onnx", Device.cpu());
                Model teacher = Model.newInstance("teacher", Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            teacher.setBlock(blocks(manager));
            model.setBlock(OnnxBlock.builder().setModel(file(manager)).build());
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, BATCH);
            NDArray inputs = manager.randomNormal(new Shape(1024, 8));
            NDArray labels = answers(teacher.getBlock(), inputs).argMax(1);
            Sleep sleep =
                    Sleep.builder()
                            .addTeacher("other blocks", teacher)
                            .addInputs("task", dataset(inputs, null))
                            .addProbe("task", dataset(inputs, labels))
                            .optLearningRate(1e-2)
                            .optSteps(150)
                            .build();
            float[] before = answers(model.getBlock(), inputs).toFloatArray();
            assertThat(sleep.dryRun(model).isAccepted()).isTrue();
            assertThat(answers(model.getBlock(), inputs).toFloatArray()).isEqualTo(before);
            SleepReport report = sleep.consolidate(model);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
            assertThat(report.probes().get(0).after()).isGreaterThan(0.8);
            assertThat(answers(model.getBlock(), inputs).toFloatArray()).isNotEqualTo(before);
        }
    }

    private Path file(NDManager manager) throws IOException {
        Block block = blocks(manager);
        OnnxGraph graph = new OnnxGraph(BATCH.getShape());
        String hidden = graph.node("Relu", gemm(graph, "x", block, "01Linear"));
        return graph.write(gemm(graph, hidden, block, "03Linear"), folder.resolve("small.onnx"));
    }

    private static String gemm(OnnxGraph graph, String from, Block block, String layer) {
        String weight = graph.weight(block, layer + "_weight");
        String output = graph.node("Gemm", from, weight, graph.weight(block, layer + "_bias"));
        graph.tell("transB", 1);
        return output;
    }

    private static Block blocks(NDManager manager) {
        SequentialBlock block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(4).build());
        block.initialize(manager, DataType.FLOAT32, BATCH);
        return block;
    }

    private static NDArray answers(Block block, NDArray inputs) {
        ParameterStore store = new ParameterStore(inputs.getManager(), false);
        return block.forward(store, new NDList(inputs), false).head();
    }

    private static ArrayDataset dataset(NDArray inputs, NDArray labels) {
        ArrayDataset.Builder builder =
                new ArrayDataset.Builder().setData(inputs).setSampling(64, true);
        return (labels == null ? builder : builder.optLabels(labels)).build();
    }
}
