package dev.engram.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import dev.engram.api.EngramException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleNamesTest {

    @Test
    void torchNamesLoseTheirLastPart() {
        String query = "encoder.layer.0.attention.self.query";
        ModuleNames names = ModuleNames.of(List.of(query + ".weight", query + ".bias", "scale"));

        assertThat(names.parameterOf(query)).contains(query + ".weight");
        assertThat(names.modulePathOf(query + ".weight")).contains(query);
        assertThat(names.modulePathOf(query + ".bias")).isEmpty();
        assertThat(names.savedParameter(query + ".bias")).contains(query + ".bias");
        assertThat(names.savedParameter("scale")).contains("scale");
        assertThat(names.parameterOf("encoder")).isEmpty();
    }

    @Test
    void djlNamesBecomeOnePart() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            SequentialBlock block = new SequentialBlock();
            block.add(Linear.builder().setUnits(8).build());
            block.add(new TransformerEncoderBlock(8, 2, 16, 0.1f, array -> array));
            block.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 8));
            ModuleNames names = ModuleNames.of(block);

            String query = "02TransformerEncoderBlock_01selfAttention_02queryProjection";
            for (String parameter : block.getParameters().keys()) {
                String path = names.parameterPathOf(parameter).orElseThrow();
                assertThat(names.savedParameter(path)).contains(parameter);
            }
            assertThat(block.getParameters().keys())
                    .filteredOn(parameter -> names.modulePathOf(parameter).isPresent())
                    .hasSize(7);
            assertThat(names.savedParameter("01Linear.bias")).contains("01Linear_bias");
            assertThat(block.getParameters().keys()).contains(query + "_weight");
            assertThat(names.parameterOf(query)).contains(query + "_weight");
        }
    }

    @Test
    void prefixesStandForOuterModules() {
        ModuleNames names =
                ModuleNames.of(List.of("inner.encoder.q.weight", "other.weight"))
                        .withPrefixes("bert.", "inner.");
        assertThat(names.parameterOf("bert.encoder.q")).contains("inner.encoder.q.weight");
        assertThat(names.modulePathOf("inner.encoder.q.weight")).contains("bert.encoder.q");
        assertThat(names.modulePathOf("other.weight")).isEmpty();
        assertThat(names.withPrefixes("", "").parameterOf("other")).contains("other.weight");
    }

    @Test
    void allThatDoesNotMapIsNamed() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            PeftAdapter adapter = PeftFiles.read(Path.of("src/test/resources/peft/real"), manager);
            ModuleNames names =
                    ModuleNames.of(
                            List.of(
                                    "bert.encoder.layer.0.attention.self.query.weight",
                                    "encoder.layer.0.attention.self.value.weight",
                                    "classifier.weight"));
            assertThatThrownBy(() -> names.requireAll(adapter))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContainingAll(
                            "bert.encoder.layer.0.attention.self.value.weight; one with this end is"
                                    + " encoder.layer.0.attention.self.value.weight",
                            "bert.encoder.layer.1.attention.self.query.weight",
                            "bert.encoder.layer.1.attention.self.value.weight",
                            "classifier.bias")
                    .hasMessageNotContaining("- bert.encoder.layer.0.attention.self.query");
            assertThatThrownBy(() -> names.requirePaths(List.of("a", "classifier.weight", "b")))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContainingAll("- a", "- b");
        }
    }

    @Test
    void twoParametersOfOnePathAreRefused() {
        assertThatThrownBy(() -> ModuleNames.of(List.of("a.weight", "a_weight")))
                .isInstanceOf(EngramException.class)
                .hasMessageContainingAll("a.weight", "a_weight");
    }
}
