package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.api.EngramException;
import dev.engram.onnx.Models;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which layers get slots, and what is refused. */
class AdapterSlotsTest {

    @TempDir Path folder;

    private AdapterSlots prepare(Path model) {
        return AdapterSlots.add(model, LayerSelection.all(), folder.resolve("prepared.onnx"));
    }

    @Test
    void layersAreFoundByNodeByEndOfWeightAndByPattern() {
        Path model = TwoLayers.in(folder);
        Path target = folder.resolve("p.onnx");
        assertThat(AdapterSlots.add(model, LayerSelection.node("y_node"), target).byWeight())
                .containsOnlyKeys("net.head.weight");
        assertThat(
                        AdapterSlots.add(model, LayerSelection.weight("dense.weight"), target)
                                .byWeight())
                .containsOnlyKeys("net.dense.weight");
        LayerSelection both =
                LayerSelection.matching(Pattern.compile("dense"))
                        .and(LayerSelection.node("y_node"));
        assertThat(AdapterSlots.add(model, both, target).byWeight())
                .containsOnlyKeys("net.dense.weight", "net.head.weight");
    }

    @Test
    void aTargetThatFindsNothingIsAnErrorThatListsTheChoicesAndWritesNothing() {
        Path model = TwoLayers.in(folder);
        Path target = folder.resolve("p.onnx");
        LayerSelection wrong = LayerSelection.all().and(LayerSelection.weight("desne.weight"));
        assertThatThrownBy(() -> AdapterSlots.add(model, wrong, target))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("no layer for weight desne.weight.")
                .hasMessageContaining("MatMul product_node (weight net.dense.weight, 4 -> 8)")
                .hasMessageContaining("Gemm y_node (weight net.head.weight, 8 -> 3)");
        assertThat(target).doesNotExist();
    }

    @Test
    void weightsBehindTransposeAndIdentityAreSeenAndOneWeightHasOneSlot() {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 4)
                        .weight("w", 4, 4)
                        .node("Identity", "same", "w")
                        .node("Transpose", "wt", "same")
                        .node("MatMul", "h", "x", "wt")
                        .node("MatMul", "y", "h", "wt")
                        .output("y", DataType.FLOAT, -1, 4);
        Path model = graph.write(folder.resolve("tied.onnx"));
        assertThat(prepare(model).byWeight())
                .containsExactly(Map.entry("w", AdapterSlot.of("w", 4, 4, true)));
    }

    @Test
    void aWeightUsedBothWaysIsRefused() {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 4)
                        .weight("w", 4, 4)
                        .node("Transpose", "wt", "w")
                        .node("MatMul", "h", "x", "w")
                        .node("MatMul", "y", "h", "wt")
                        .output("y", DataType.FLOAT, -1, 4);
        Path model = graph.write(folder.resolve("tied.onnx"));
        assertThatThrownBy(() -> prepare(model)).hasMessageContaining("as it is and transposed");
    }

    @Test
    void oneWayOfAWeightThatIsUsedBothWaysKeepsItsOwnShape() {
        Path model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 4)
                        .weight("w", 4, 6)
                        .node("Transpose", "wt", "w")
                        .node("MatMul", "h", "x", "w")
                        .node("MatMul", "y", "h", "wt")
                        .output("y", DataType.FLOAT, -1, 4)
                        .write(folder.resolve("tied.onnx"));
        AdapterSlots slots =
                AdapterSlots.add(
                        model, LayerSelection.node("h_node"), folder.resolve("prepared.onnx"));
        assertThat(slots.slot("w")).isEqualTo(AdapterSlot.of("w", 4, 6, false));
        assertThat(slots.unadapted("w")).containsExactly("MatMul y_node");
    }

    @Test
    void preparingTwiceIsRefused() {
        prepare(TwoLayers.in(folder));
        Path prepared = folder.resolve("prepared.onnx");
        Path again = folder.resolve("again.onnx");
        assertThatThrownBy(() -> AdapterSlots.add(prepared, LayerSelection.all(), again))
                .hasMessageContaining("already has a slot");
        assertThat(AdapterSlots.candidates(prepared))
                .extracting(AdaptableLayer::weight)
                .containsExactly("net.dense.weight", "net.head.weight");
    }

    @Test
    void aValueThatHasTheNameOfASlotIsRefusedAndNothingIsWritten() {
        for (String name : new String[] {"w.lora_A", "w.lora_B", "y.engram_base"}) {
            Path model =
                    Models.opset(13)
                            .input("x", DataType.FLOAT, -1, 4)
                            .weight("w", 4, 4)
                            .node("MatMul", "y", "x", "w")
                            .node("Identity", name, "y")
                            .output("y", DataType.FLOAT, -1, 4)
                            .write(folder.resolve("clash.onnx"));
            assertThatThrownBy(() -> prepare(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("already has values called [" + name + "]");
            assertThat(folder.resolve("prepared.onnx")).doesNotExist();
        }
    }

    @Test
    void filesThatAreNoModelsAreRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.onnx"), "no model at all");
        assertThatThrownBy(() -> AdapterSlots.candidates(text))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("is no ONNX model");
        Path empty = Files.writeString(folder.resolve("b.onnx"), "");
        assertThatThrownBy(() -> AdapterSlots.candidates(empty)).hasMessageContaining("no graph");
        assertThatThrownBy(() -> AdapterSlots.candidates(folder.resolve("c.onnx")))
                .hasMessageContaining("There is no model file");
        assertThatThrownBy(() -> AdapterSlots.of(TwoLayers.in(folder)))
                .hasMessageContaining("has no slots");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path model = TwoLayers.in(folder);
        Path target = folder.resolve("gone").resolve("p.onnx");
        assertThatThrownBy(() -> AdapterSlots.add(model, LayerSelection.all(), target))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("there is no folder " + target.getParent());
    }

    @Test
    void anAdapterOfAnotherBaseOrShapeIsRefused() {
        AdapterSlots slots = prepare(TwoLayers.in(folder));
        FloatMatrix two = FloatMatrix.of(2, 1, 1, 1);
        OnnxAdapter adapter =
                OnnxAdapter.builder()
                        .optBase("another")
                        .addPair("net.dense.weight", LowRankPair.of(two, two.transposed(), 1))
                        .addPair("gone", LowRankPair.of(two, two.transposed(), 1))
                        .build();
        assertThatThrownBy(() -> slots.require(adapter))
                .hasMessageContaining("trained on the base another")
                .hasMessageContaining("net.dense.weight: the layer is 4 -> 8, the pair 2 -> 2")
                .hasMessageContaining("no slot for gone");
    }

    @Test
    void slotsNeverTakeThePlaceOfTheirSource() throws Exception {
        Path model = TwoLayers.in(folder);
        byte[] before = Files.readAllBytes(model);
        assertThatThrownBy(() -> AdapterSlots.add(model, LayerSelection.all(), model))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("give it another name");
        assertThat(Files.readAllBytes(model)).isEqualTo(before);
    }
}
