package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.Models;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalWeightsTest {

    @TempDir Path root;

    private Path folder;

    @BeforeEach
    void createFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("model"));
    }

    /** Moves the first weight into a file of its own. */
    private Path external(String location) throws IOException {
        ModelProto.Builder model = TwoLayers.graph().model();
        TensorProto.Builder weight = model.getGraphBuilder().getInitializerBuilder(0);
        Files.write(folder.resolve(location).normalize(), weight.getRawData().toByteArray());
        weight.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
        weight.addExternalDataBuilder().setKey("location").setValue(location);
        return Models.write(model.build(), folder.resolve("external.onnx"));
    }

    private static OnnxFeatureExtractor.Builder extractor(Path model) {
        return OnnxFeatureExtractor.builder().setModel(model).optThreads(1);
    }

    @Test
    void weightsBesideTheModelAreFoundThoughItsGraphIsChanged() throws IOException {
        Path whole = TwoLayers.in(folder);
        Path split = external("weights.bin");
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                OnnxFeatureExtractor one = extractor(whole).addOutput("features").build();
                OnnxFeatureExtractor other = extractor(split).addOutput("features").build()) {
            NDArray x = manager.randomNormal(new Shape(3, 4));
            assertThat(other.extract(new NDList(x)).head())
                    .isEqualTo(one.extract(new NDList(x)).head());
        }
    }

    @Test
    void weightsOutsideTheFolderAreNotOpened() throws IOException {
        Path hostile = external("../weights.bin");
        assertThatThrownBy(() -> extractor(hostile).addOutput("features").build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("outside its folder");
        assertThatThrownBy(() -> extractor(hostile).build()).isInstanceOf(EngramException.class);
    }

    @Test
    void slotsAreRefusedBecauseTheFingerprintWouldNotCoverTheWeights() throws IOException {
        Path split = external("weights.bin");
        Path target = folder.resolve("prepared.onnx");
        assertThatThrownBy(() -> AdapterSlots.add(split, LayerSelection.all(), target))
                .hasMessageContaining("save it as one file");
    }
}
