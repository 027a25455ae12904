package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.Models;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.OnnxWriter;
import dev.engram.onnx.runtime.OnnxTaskServer;
import dev.engram.onnx.testing.RandomAdapters;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prepared file is the base that it says only while it holds what it held. */
class BaseFingerprintTest {

    @TempDir Path folder;

    private Path prepared() {
        Path target = folder.resolve("prepared.onnx");
        AdapterSlots.add(TwoLayers.in(folder), LayerSelection.all(), target);
        return target;
    }

    private static ModelProto.Builder read(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
    }

    @Test
    void otherWeightsInAPreparedFileMakeAnotherBase() throws IOException {
        AdapterSlots before = AdapterSlots.of(prepared());
        OnnxAdapter adapter = RandomAdapters.of(before, 2, 1);
        ModelProto.Builder trained = read(prepared());
        TensorProto.Builder weight = trained.getGraphBuilder().getInitializerBuilder(0);
        byte[] values = weight.getRawData().toByteArray();
        values[2] ^= 1;
        weight.setRawData(com.google.protobuf.ByteString.copyFrom(values));
        Path changed = Models.write(trained.build(), folder.resolve("changed.onnx"));
        AdapterSlots after = AdapterSlots.of(changed);
        assertThat(after.baseFingerprint()).isNotEqualTo(before.baseFingerprint());
        assertThatThrownBy(() -> after.require(adapter))
                .hasMessageContaining("trained on the base " + before.baseFingerprint())
                .hasMessageContaining("weights were changed after");
        AdapterSlots.of(changed).require(RandomAdapters.of(after, 2, 1));
    }

    @Test
    void whatAWriterTrainedIntoAPreparedFileRefusesTheOldAdapters() throws Exception {
        Path prepared = prepared();
        OnnxAdapter adapter = RandomAdapters.of(AdapterSlots.of(prepared), 2, 1);
        Path trained = folder.resolve("trained.onnx");
        OnnxBlock block = OnnxBlock.builder().setModel(prepared).build();
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            block.getParameters().get("net.dense.weight").getArray().addi(5);
            NDList sample = new NDList(manager.ones(new Shape(1, 4)));
            OnnxWriter.builder().setBlock(block).addSample(sample).build().write(trained);
        }
        block.clear();
        try (OnnxTaskServer server = OnnxTaskServer.builder().setModel(trained).build()) {
            assertThatThrownBy(() -> server.load("old", adapter))
                    .hasMessageContaining("trained on the base");
        }
    }

    @Test
    void weightsInOtherFilesAreRefusedSinceNoFingerprintWouldSeeThemChange() throws IOException {
        ModelProto.Builder outside = read(prepared());
        TensorProto.Builder weight = outside.getGraphBuilder().getInitializerBuilder(0);
        Files.write(folder.resolve("weights.bin"), weight.getRawData().toByteArray());
        weight.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
        weight.addExternalDataBuilder().setKey("location").setValue("weights.bin");
        Path file = Models.write(outside.build(), folder.resolve("outside.onnx"));
        assertThatThrownBy(() -> AdapterSlots.of(file))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("outside.onnx keeps weights in other files");
    }

    @Test
    void metadataOfOthersLeavesTheBaseAsItIs() throws IOException {
        AdapterSlots before = AdapterSlots.of(prepared());
        ModelProto.Builder noted = read(prepared());
        noted.addMetadataPropsBuilder().setKey("owner").setValue("team");
        Path file = Models.write(noted.build(), folder.resolve("noted.onnx"));
        assertThat(AdapterSlots.of(file).baseFingerprint()).isEqualTo(before.baseFingerprint());
    }

    @Test
    void slotsThatAreAddedInTwoStepsHaveTheFirstFileAsTheirBase() {
        Path model = TwoLayers.in(folder);
        Path one = folder.resolve("one.onnx");
        Path two = folder.resolve("two.onnx");
        AdapterSlots first = AdapterSlots.add(model, LayerSelection.weight("head.weight"), one);
        AdapterSlots both = AdapterSlots.add(one, LayerSelection.weight("dense.weight"), two);
        assertThat(both.byWeight()).hasSize(2);
        assertThat(both.baseFingerprint()).isEqualTo(first.baseFingerprint());
    }
}
