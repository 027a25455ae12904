package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.adapters.BottleneckAdapters;
import dev.engram.adapters.Gate;
import dev.engram.adapters.Placement;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.internal.structure.DataFlow;
import dev.engram.onnx.internal.structure.GraphLayers;
import dev.engram.onnx.internal.structure.Sublayers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters inside the graph of an ONNX file, as inside DJL's own blocks. */
class AdaptersInGraphsTest {

    private static final Task TASK = Task.named("task-1");
    private static final Map<String, ?> HOULSBY = Map.of("placement", "houlsby", "bottleneck", 32);

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "tinybert.onnx, 1, 50",
        "exports/bert-eager-dyn.onnx, 2, 32",
        "exports/bert-eager-ts.onnx, 2, 32",
        "exports/gpt2-eager-dyn.onnx, 2, 32",
        "exports/gpt2-eager-ts.onnx, 2, 32",
        "exports/llama-eager-dyn.onnx, 2, 32",
        "exports/llama-eager-ts.onnx, 2, 32",
        "exports/vit-eager-dyn.onnx, 2, 32",
        "exports/vit-eager-ts.onnx, 2, 32"
    })
    void attentionAndFeedForwardTakeTurnsInEachLayer(String name, int layers, int width)
            throws Exception {
        try (FrozenGraph base = FrozenGraph.of(copy(name));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            DataFlow flow = new DataFlow(base.block().graph().outline());
            List<Sublayers.Sublayer> found =
                    Sublayers.of(flow, new GraphLayers(flow, base.block().graph().layers()));
            assertThat(found).hasSize(2 * layers);
            for (int i = 0; i < found.size(); i++) {
                assertThat(found.get(i).isAttention()).isEqualTo(i % 2 == 0);
                assertThat(found.get(i).last().width()).isEqualTo(width);
            }
            freshAdaptersChangeNoBit(base, manager);
        }
    }

    private static void freshAdaptersChangeNoBit(FrozenGraph base, NDManager manager) {
        NDList inputs = new RandomInputs(3).of(base.block().inputs(), manager);
        TaskParameters task = houlsby().create(base, TASK);
        NDList expected = base.outputs(inputs);
        NDList seen = base.outputs(task, inputs, false);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(seen.get(i).toFloatArray()).isEqualTo(expected.get(i).toFloatArray());
            assertThat(seen.get(i).getName()).isEqualTo(expected.get(i).getName());
        }
        List<double[]> all =
                task.parameters().keys().stream()
                        .filter(name -> name.endsWith("_up_bias"))
                        .flatMap(name -> List.of(base.gradients(task, name, inputs, 2)).stream())
                        .toList();
        assertThat(all).allSatisfy(both -> assertThat(both[0]).isNotZero());
    }

    private static BottleneckAdapters houlsby() {
        return BottleneckAdapters.builder()
                .optBottleneck(4)
                .optPlacement(Placement.HOULSBY)
                .optOwned("")
                .build();
    }

    private Path copy(String name) throws Exception {
        java.nio.file.Files.createDirectories(folder.resolve("exports"));
        return GuardedTrainingTest.copy(folder, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"down_weight", "down_bias", "up_weight", "up_bias", "gate"})
    void gradientsAreThoseOfTheLoss(String parameter) throws Exception {
        BottleneckAdapters gated =
                BottleneckAdapters.builder()
                        .optBottleneck(4)
                        .optPlacement(Placement.HOULSBY)
                        .optGate(Gate.ZERO)
                        .optOwned("")
                        .build();
        try (FrozenGraph base = FrozenGraph.of(small());
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList inputs = new Words().batch(manager, 0);
            TaskParameters task = gated.create(base, TASK);
            assertThat(task.parameters().keys())
                    .contains("out_attention_gate", "theMatMul29_feedForward_gate");
            task.parameters().get("out_attention_gate").getArray().set(new float[] {0.7f});
            double[][] both =
                    base.gradients(
                            task,
                            "out_attention_" + parameter,
                            inputs,
                            parameter.equals("gate") ? 1 : 4);
            for (double[] one : both) {
                assertThat(one[0]).isCloseTo(one[1], within(0.02 * Math.abs(one[1]) + 0.02));
            }
        }
    }

    private Path small() throws Exception {
        return SmallTransformer.pooling(folder.resolve("small.onnx"));
    }

    @Test
    void aSmallTransformerLearnsTwoTasksByAdaptersAlone() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(small()).build();
        new TwoTasks("adapters", HOULSBY, 0.85).learn(block, TwoTasks.classes(block), 40);
    }

    @Test
    void theRealTinyBertLearnsTwoTasks() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(copy("tinybert.onnx")).build();
        new TwoTasks("adapters", HOULSBY, 0.85).learn(block, TwoTasks.withHead(block), 25);
    }

    @Test
    void bothArePlacesWhereTheyAreAddedToTheSameResidual() throws Exception {
        Path file = SmallTransformer.parallel(folder.resolve("small.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file)) {
            DataFlow flow = new DataFlow(base.block().graph().outline());
            assertThat(Sublayers.of(flow, new GraphLayers(flow, base.block().graph().layers())))
                    .extracting(Sublayers.Sublayer::output, Sublayers.Sublayer::isAttention)
                    .containsExactly(tuple("o", true), tuple("f2", false));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapters", "prompt-tuning"})
    void tasksComeBackAfterARestart(String strategy) throws Exception {
        Path file = copy("exports/gpt2-eager-ts.onnx");
        float[] learnt;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList inputs = new Words().batch(manager, 0);
            try (Model model = Tasks.model(lastToken(file));
                    ForgettingListener listener = remembering(strategy)) {
                new Words().fit(model, 0, 1, listener);
                learnt = TwoTasks.outputs(listener.tasks(model).handle("task-1").block(), inputs);
                assertThat(learnt).isNotEqualTo(TwoTasks.outputs(model.getBlock(), inputs));
            }
            try (Model again = Tasks.model(lastToken(file));
                    ForgettingListener listener = remembering(strategy)) {
                Block task = listener.tasks(again).handle("task-1").block();
                assertThat(TwoTasks.outputs(task, inputs)).isEqualTo(learnt);
            }
        }
    }

    private static Block lastToken(Path file) throws Exception {
        return new SequentialBlock()
                .add(OnnxBlock.builder().setModel(file).build())
                .addSingleton(logits -> logits.get(":, -1, :2"));
    }

    private ForgettingListener remembering(String strategy) {
        return ForgettingListener.builder()
                .addStrategy(strategy, Map.of())
                .optMemory(folder.resolve("memory"))
                .build();
    }

    @Test
    void aGraphWithoutTransformersIsRefusedWithTheLayersThatCouldBeNamed() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(GuardedTrainingTest.mlp(folder))) {
            assertThatThrownBy(() -> houlsby().create(base, TASK))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("no place after attention was found")
                    .hasMessageContaining("no place after feed-forward was found")
                    .hasMessageContaining("layers of a graph: theGemm0, theGemm2")
                    .hasMessageContaining("OnnxBlock (known)");
        }
    }

    /** As in an MLP-Mixer or a ConvNeXt: the last axis of the residual is none of features. */
    @Test
    void aProductWhoseFeaturesAreTurnedToAnotherAxisIsNoSublayer() throws Exception {
        Path file = branch("Transpose", Models.told("perm", new long[] {0, 2, 1}));
        try (FrozenGraph base = FrozenGraph.of(file)) {
            assertThat(sublayers(base)).isEmpty();
        }
    }

    @Test
    void whereTheBranchIsReshapedThePlaceIsTheProduct() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(branch("Reshape"))) {
            assertThat(sublayers(base)).extracting(Sublayers.Sublayer::output).containsExactly("u");
        }
    }

    private static List<Sublayers.Sublayer> sublayers(FrozenGraph base) {
        DataFlow flow = new DataFlow(base.block().graph().outline());
        return Sublayers.of(flow, new GraphLayers(flow, base.block().graph().layers()));
    }

    /** Two products between two nodes that turn, or reshape, what a residual is added to. */
    private Path branch(String type, AttributeProto... told) {
        List<String> shape = type.equals("Reshape") ? List.of("same") : List.of();
        Function<String, List<String>> inputs =
                from -> Stream.concat(Stream.of(from), shape.stream()).toList();
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 6, 6)
                .integers("same", -1, 6, 6)
                .weight("w1", 6, 12)
                .weight("w2", 12, 6)
                .node(type, inputs.apply("x"), List.of("t"), told)
                .node("MatMul", List.of("t", "w1"), List.of("a"))
                .node("Relu", List.of("a"), List.of("r"))
                .node("MatMul", List.of("r", "w2"), List.of("u"))
                .node(type, inputs.apply("u"), List.of("v"), told)
                .node("Add", List.of("x", "v"), List.of("z"))
                .output("z", DataType.FLOAT)
                .write(folder.resolve("branch.onnx"));
    }

    @Test
    void layersCanBeNamed() throws Exception {
        BottleneckAdapters named =
                BottleneckAdapters.builder().optBottleneck(4).addAfter("theGemm0").build();
        try (FrozenGraph base = FrozenGraph.of(GuardedTrainingTest.mlp(folder));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList inputs = new GuardedTrainingTest.Points().batch(manager, 0);
            TaskParameters task = named.create(base, TASK);
            NDArray up = task.parameters().get("theGemm0_after_up_bias").getArray();
            assertThat(up.getShape().get(0)).isEqualTo(32);
            float[] expected = base.outputs(inputs).head().toFloatArray();
            assertThat(base.outputs(task, inputs, false).head().toFloatArray()).isEqualTo(expected);
            up.addi(1);
            assertThat(base.outputs(task, inputs, false).head().toFloatArray())
                    .isNotEqualTo(expected);
            assertThat(base.outputs(inputs).head().toFloatArray()).isEqualTo(expected);
        }
    }
}
