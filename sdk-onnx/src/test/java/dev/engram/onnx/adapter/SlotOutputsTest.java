package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.Models;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.RandomAdapters;
import dev.engram.onnx.testing.SharedData;
import dev.engram.onnx.testing.TwoLayers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model with slots computes, without an adapter and with one. */
class SlotOutputsTest {

    @TempDir Path folder;

    private AdapterSlots prepare(Path model) {
        return AdapterSlots.add(model, LayerSelection.all(), folder.resolve("prepared.onnx"));
    }

    private void assertUnchanged(Path model) throws OrtException {
        prepare(model);
        try (OrtSession original = Ort.session(model);
                OrtSession prepared = Ort.session(folder.resolve("prepared.onnx"))) {
            assertThat(prepared.getInputNames()).isEqualTo(original.getInputNames());
            for (int seed = 0; seed < 5; seed++) {
                Map<String, OnnxTensor> inputs = Ort.inputs(original, seed);
                assertThat(Ort.run(prepared, inputs, null))
                        .isEqualTo(Ort.run(original, inputs, null));
            }
        }
    }

    @Test
    void withoutAnAdapterTheOutputsAreBitForBitThoseOfTheOriginal() throws OrtException {
        assertUnchanged(TwoLayers.in(folder));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 1024, 3000})
    void longSumsAreRoundedAsInTheOriginal(int in) throws OrtException {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 3, in)
                        .weight("w", in, 70)
                        .weight("b", 70)
                        .node("MatMul", "p", "x", "w")
                        .node("Add", "y", "b", "p")
                        .output("y", DataType.FLOAT, -1, 3, 70);
        assertUnchanged(graph.write(folder.resolve("long.onnx")));
    }

    @Test
    void aSingleVectorIsAnInputToo() throws OrtException {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 6)
                        .weight("w", 6, 5)
                        .node("MatMul", "y", "x", "w")
                        .output("y", DataType.FLOAT, 5);
        Path model = graph.write(folder.resolve("vector.onnx"));
        assertUnchanged(model);
        AdapterSlots slots = AdapterSlots.of(folder.resolve("prepared.onnx"));
        try (OrtSession prepared = Ort.session(folder.resolve("prepared.onnx"))) {
            Map<String, OnnxTensor> inputs = Ort.inputs(prepared, 7);
            assertThat(Ort.run(prepared, inputs, RandomAdapters.of(slots, 2, 3)))
                    .isNotEqualTo(Ort.run(prepared, inputs, null));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cnn_mnist.onnx",
                "tinybert.onnx",
                "exports/mlp-eager-dyn.onnx",
                "exports/mlp-eager-ts.onnx",
                "exports/resnet-eager-dyn.onnx",
                "exports/resnet-eager-ts.onnx",
                "exports/bert-eager-dyn.onnx",
                "exports/bert-eager-ts.onnx",
                "exports/gpt2-eager-dyn.onnx",
                "exports/gpt2-eager-ts.onnx",
                "exports/llama-eager-dyn.onnx",
                "exports/llama-eager-ts.onnx",
                "exports/vit-eager-dyn.onnx",
                "exports/vit-eager-ts.onnx"
            })
    void realModelsKeepTheirOutputsAndTakeAdapters(String name) throws OrtException {
        Path model = SharedData.onnx(name);
        assertUnchanged(model);
        AdapterSlots slots = AdapterSlots.of(folder.resolve("prepared.onnx"));
        try (OrtSession prepared = Ort.session(folder.resolve("prepared.onnx"))) {
            Map<String, OnnxTensor> inputs = Ort.inputs(prepared, 7);
            float[] base = Ort.run(prepared, inputs, null);
            float[] adapted = Ort.run(prepared, inputs, RandomAdapters.of(slots, 4, 3));
            assertThat(adapted).isNotEqualTo(base);
            assertThat(Ort.run(prepared, inputs, null)).isEqualTo(base);
        }
    }

    @Test
    void anAdapterIsTheSameAsChangedWeights() throws OrtException {
        Path model = TwoLayers.in(folder);
        AdapterSlots slots = prepare(model);
        Random random = new Random(5);
        FloatMatrix denseLeft = RandomAdapters.matrix(4, 2, random);
        FloatMatrix denseRight = RandomAdapters.matrix(2, 8, random);
        FloatMatrix headLeft = RandomAdapters.matrix(3, 2, random);
        FloatMatrix headRight = RandomAdapters.matrix(2, 8, random);
        OnnxAdapter adapter =
                OnnxAdapter.builder(slots)
                        .addUpdate("net.dense.weight", denseLeft, denseRight, 0.5)
                        .addUpdate("net.head.weight", headLeft, headRight, 2)
                        .build();
        ModelProto.Builder changed = TwoLayers.graph().model();
        WeightChange.apply(changed, 0, denseLeft, denseRight, 0.5);
        WeightChange.apply(changed, 2, headLeft, headRight, 2);
        Path merged = Models.write(changed.build(), folder.resolve("merged.onnx"));
        try (OrtSession prepared = Ort.session(folder.resolve("prepared.onnx"));
                OrtSession expected = Ort.session(merged)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(expected, 1);
            assertThat(Ort.run(prepared, inputs, adapter))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(Ort.run(expected, inputs, null));
        }
    }

    @Test
    void oldFilesWhoseWeightsAreInputsKeepThemConstant() throws OrtException {
        ModelProto.Builder old =
                TwoLayers.graph().input("net.dense.bias", DataType.FLOAT, 8).model();
        old.setIrVersion(3);
        for (String weight : new String[] {"net.dense.weight", "net.head.weight"}) {
            long[] dims = weight.contains("head") ? new long[] {3, 8} : new long[] {4, 8};
            GraphProto declared =
                    Models.opset(13).input(weight, DataType.FLOAT, dims).model().getGraph();
            old.getGraphBuilder().addInput(declared.getInput(0));
        }
        old.getGraphBuilder()
                .addInput(
                        Models.opset(13)
                                .input("net.head.bias", DataType.FLOAT, 3)
                                .model()
                                .getGraph()
                                .getInput(0));
        assertUnchanged(Models.write(old.build(), folder.resolve("old.onnx")));
    }

    @Test
    void aFactorOfTheLayersProductIsOneOfTheUpdate() throws OrtException {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 4)
                        .weights("w", new long[] {4, 1}, 1, 1, 1, 1)
                        .node("Gemm", "y", "x", "w")
                        .with("alpha", 0.5f)
                        .output("y", DataType.FLOAT, -1, 1);
        assertUnchanged(graph.write(folder.resolve("alpha.onnx")));
        AdapterSlots slots = AdapterSlots.of(folder.resolve("prepared.onnx"));
        OnnxAdapter adapter =
                OnnxAdapter.builder(slots)
                        .addUpdate(
                                "w", FloatMatrix.of(4, 1, 1, 1, 1, 1), FloatMatrix.of(1, 1, 2), 1)
                        .build();
        try (OrtSession prepared = Ort.session(folder.resolve("prepared.onnx"));
                OnnxTensor x = Ort.floats(new float[] {1, 2, 3, 4}, 1, 4)) {
            assertThat(Ort.run(prepared, Map.of("x", x), null)).containsExactly(5);
            assertThat(Ort.run(prepared, Map.of("x", x), adapter)).containsExactly(15);
        }
    }
}
