package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.prompttuning.PromptIsolation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What prompts in the graph of an ONNX file are refused for, and what is said then. */
class PromptRefusalsTest {

    private static final Task TASK = Task.named("task-1");

    @TempDir Path folder;

    private static PromptIsolation three() {
        return PromptIsolation.promptTuning().optLength(3).optOwned("").build();
    }

    private Path exported(String name) throws Exception {
        Files.createDirectories(folder.resolve("exports"));
        return GuardedTrainingTest.copy(folder, name);
    }

    @Test
    void sequencesThatAreTooLongForThePositionsSayHowLongTheyMayBe() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(exported("tinybert.onnx"));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = three().create(base, TASK);
            assertThat(base.outputs(task, ones(manager, 97, 3), false).head().getShape())
                    .isEqualTo(new Shape(2, 97, 50));
            assertThatThrownBy(() -> base.outputs(task, ones(manager, 98, 3), false))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("knows 100 positions")
                    .hasMessageContaining("embeddings.position_embeddings.weight")
                    .hasMessageContaining("give 97 of the input");
        }
    }

    @Test
    void aFixedLengthHasRoomForThePromptOnlyInPlaceOfTheInput() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(exported("exports/gpt2-eager-dyn.onnx"));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = three().create(base, TASK);
            assertThatThrownBy(() -> base.outputs(task, ones(manager, 8, 2), false))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("was exported for sequences of 8 positions")
                    .hasMessageContaining("give 5 of the input");
        }
    }

    @Test
    void prefixesAreRefusedWithWhatToUseInstead() throws Exception {
        PromptIsolation prefixes = PromptIsolation.prefixTuning().optOwned("").build();
        Path file = SmallTransformer.pooling(folder.resolve("small.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file)) {
            assertThatThrownBy(() -> prefixes.create(base, TASK))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("no place in front of the keys and values of attention")
                    .hasMessageContaining("takes prompt-tuning, lora or adapters");
        }
    }

    @Test
    void aGraphWithoutTokensIsRefused() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(GuardedTrainingTest.mlp(folder))) {
            assertThatThrownBy(() -> three().create(base, TASK))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(
                            "no graph read from a file that looks up vectors of tokens");
        }
    }

    @Test
    void anEncoderWithADecoderIsRefused() throws Exception {
        Path file =
                Models.opset(17)
                        .input("input_ids", DataType.INT64, -1, -1)
                        .input("decoder_input_ids", DataType.INT64, -1, -1)
                        .weights("words", new long[] {9, 4}, new float[36])
                        .node("Gather", List.of("words", "input_ids"), List.of("e"))
                        .node("Gather", List.of("words", "decoder_input_ids"), List.of("d"))
                        .node("Concat", List.of("e", "d"), List.of("y"), Models.told("axis", 1))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("both.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file)) {
            assertThatThrownBy(() -> three().create(base, TASK))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("more than once")
                    .hasMessageContaining("words by input_ids, words by decoder_input_ids");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bbox", "global_attention_mask"})
    void inputsAlongTheSequenceThatNobodyKnowsAreNamed(String unknown) throws Exception {
        Path file =
                Models.opset(17)
                        .input("input_ids", DataType.INT64, -1, -1)
                        .input(unknown, DataType.INT64, -1, -1)
                        .weights("words", new long[] {9, 4}, new float[36])
                        .node("Gather", List.of("words", "input_ids"), List.of("e"))
                        .node("Unsqueeze", List.of(unknown, "two"), List.of("u"))
                        .integers("two", 2)
                        .node("Cast", List.of("u"), List.of("c"), Models.told("to", 1))
                        .node("Add", List.of("e", "c"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("boxes.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file)) {
            assertThatThrownBy(() -> three().create(base, TASK))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("not known what its input " + unknown)
                    .hasMessageContaining("position_ids")
                    .hasMessageContaining("use LoRA or adapters");
        }
    }

    private static NDList ones(NDManager manager, int length, int inputs) {
        NDList all = new NDList();
        for (int i = 0; i < inputs; i++) {
            NDArray ones = manager.ones(new Shape(2, length), ai.djl.ndarray.types.DataType.INT64);
            all.add(ones);
        }
        return all;
    }
}
