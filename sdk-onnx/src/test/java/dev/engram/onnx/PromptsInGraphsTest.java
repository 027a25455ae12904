package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import dev.engram.prompt.Initialisation;
import dev.engram.prompt.PromptIsolation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts inside the graph of an ONNX file. */
class PromptsInGraphsTest {

    private static final Task TASK = Task.named("task-1");
    private static final List<Integer> PROMPT = List.of(7, 23, 11);
    private static final int LENGTH = 5;

    @TempDir Path folder;

    private static PromptIsolation ofTokens() {
        return PromptIsolation.promptTuning()
                .optLength(PROMPT.size())
                .optInitialisation(Initialisation.TOKENS)
                .optTokens(PROMPT)
                .optOwned("")
                .build();
    }

    private Path exported(String name) throws Exception {
        Files.createDirectories(folder.resolve("exports"));
        return GuardedTrainingTest.copy(folder, name);
    }

    /**
     * Vectors of tokens as a prompt do what these tokens do in the text: in front, or after the
     * token that is pooled.
     */
    @ParameterizedTest
    @CsvSource({
        "tinybert.onnx, 1",
        "exports/bert-eager-ts.onnx, 1",
        "exports/bert-eager-dyn.onnx, 1",
        "exports/gpt2-eager-ts.onnx, 0",
        "exports/gpt2-eager-dyn.onnx, 0",
        "exports/llama-eager-ts.onnx, 0",
        "exports/llama-eager-dyn.onnx, 0"
    })
    void aPromptOfTokensIsTheseTokensInTheText(String name, int before) throws Exception {
        isTheTokensInTheText(exported(name), before);
    }

    @Test
    void alsoWhereTheGraphPools() throws Exception {
        isTheTokensInTheText(SmallTransformer.pooling(folder.resolve("small.onnx")), 1);
    }

    @Test
    void alsoWherePositionsAreAnInput() throws Exception {
        isTheTokensInTheText(SmallTransformer.withPositions(folder.resolve("small.onnx")), 0);
    }

    private static void isTheTokensInTheText(Path file, int before) throws Exception {
        try (FrozenGraph base = FrozenGraph.of(file);
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = ofTokens().create(base, TASK);
            NDList seen = base.outputs(task, text(base, 0, 0, manager), false);
            NDList whole = base.outputs(text(base, PROMPT.size(), before, manager));
            assertThat(seen).hasSameSizeAs(whole);
            for (int i = 0; i < seen.size(); i++) {
                NDArray expected = withoutPrompt(whole.get(i), before);
                assertThat(seen.get(i).getShape()).isEqualTo(expected.getShape());
                assertThat(seen.get(i).getName()).isEqualTo(whole.get(i).getName());
                assertThat(seen.get(i).toFloatArray())
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(expected.toFloatArray());
            }
            NDList alone = base.outputs(task, text(base, 0, 0, manager), true);
            assertThat(alone.getManager()).isSameAs(seen.getManager());
        }
    }

    /** Two sentences, the second with padding at its end; the prompt's tokens as text in both. */
    private static NDList text(FrozenGraph base, int prompt, int before, NDManager manager) {
        NDList inputs = new NDList();
        base.block()
                .inputs()
                .forEach(input -> inputs.add(rows(input.name(), prompt, before, manager)));
        return inputs;
    }

    private static NDArray rows(String input, int prompt, int before, NDManager manager) {
        List<Long> rows = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            List<Long> own = new ArrayList<>();
            for (int i = 0; i < LENGTH; i++) {
                own.add(value(input, row, i));
            }
            List<Long> text = PROMPT.subList(0, prompt).stream().map(Long::valueOf).toList();
            List<Long> there =
                    switch (input) {
                        case "input_ids" -> text;
                        case "attention_mask" -> text.stream().map(any -> 1L).toList();
                        default -> text.stream().map(any -> 0L).toList();
                    };
            own.addAll(before, there);
            rows.addAll(input.equals("position_ids") ? counted(own.size()) : own);
        }
        long[] values = rows.stream().mapToLong(Long::longValue).toArray();
        return manager.create(values, new Shape(2, LENGTH + prompt));
    }

    private static long value(String input, int row, int place) {
        return switch (input) {
            case "input_ids" -> 3L + 5 * place + 2 * row;
            case "attention_mask" -> row == 1 && place > 2 ? 0 : 1;
            case "token_type_ids" -> place > 2 ? 1 : 0;
            default -> 0;
        };
    }

    private static List<Long> counted(int length) {
        return LongStream.range(0, length).boxed().toList();
    }

    private static NDArray withoutPrompt(NDArray output, int before) {
        Shape shape = output.getShape();
        int all = LENGTH + PROMPT.size();
        if (shape.dimension() < 3 || shape.get(1) != all) {
            return output;
        }
        NDArray end = output.get(":, %d:".formatted(before + PROMPT.size()));
        return before == 0 ? end : output.get(":, :%d".formatted(before)).concat(end, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt-tuning", "prompt-pool"})
    void aSmallTransformerWithAHeadLearnsTwoTasks(String strategy) throws Exception {
        Path file = SmallTransformer.pooling(folder.resolve("small.onnx"));
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        Map<String, ?> few = Map.of("length", strategy.equals("prompt-pool") ? 2 : 4);
        new TwoTasks(strategy, few, 0.85).learn(block, TwoTasks.withHead(block), 20);
    }

    /** By hand: DJL takes gradients for missing whose sum is zero, as a norm behind makes it. */
    @Test
    void thePromptAloneMovesTheOutputs() throws Exception {
        Path file = SmallTransformer.pooling(folder.resolve("small.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file);
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = ofTokens().create(base, TASK);
            NDList inputs = text(base, 0, 0, manager);
            float before = base.descend(task, "embeddings/vectors", inputs, 1);
            float after = base.descend(task, "embeddings/vectors", inputs, 100);
            assertThat(after).isLessThan(0.5f * before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt-tuning", "prompt-pool"})
    void theRealTinyBertLearnsTwoTasks(String strategy) throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(exported("tinybert.onnx")).build();
        Map<String, ?> few = Map.of("length", strategy.equals("prompt-pool") ? 2 : 8);
        // The model is as small as they come, and prompts are the weakest method.
        new TwoTasks(strategy, few, 0.65).learn(block, TwoTasks.withHead(block), 15);
    }

    @Test
    void gradientsAreThoseOfTheLoss() throws Exception {
        Path file = SmallTransformer.pooling(folder.resolve("small.onnx"));
        try (FrozenGraph base = FrozenGraph.of(file);
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = ofTokens().create(base, TASK);
            NDList inputs = text(base, 0, 0, manager);
            for (double[] both : base.gradients(task, "embeddings/vectors", inputs, 6)) {
                assertThat(both[0]).isNotZero();
                assertThat(both[0]).isCloseTo(both[1], within(0.02 * Math.abs(both[1]) + 0.02));
            }
        }
    }

    @Test
    void sequencesThatAreTooLongForThePositionsSayHowLongTheyMayBe() throws Exception {
        try (FrozenGraph base = FrozenGraph.of(exported("tinybert.onnx"));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TaskParameters task = ofTokens().create(base, TASK);
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
            TaskParameters task = ofTokens().create(base, TASK);
            assertThatThrownBy(() -> base.outputs(task, ones(manager, 8, 2), false))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("was exported for sequences of 8 positions")
                    .hasMessageContaining("give 5 of the input");
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
            assertThatThrownBy(() -> ofTokens().create(base, TASK))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("no graph read from a file that looks up vectors of tokens");
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
            assertThatThrownBy(() -> ofTokens().create(base, TASK))
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
            PromptIsolation some = PromptIsolation.promptTuning().optOwned("").build();
            assertThatThrownBy(() -> some.create(base, TASK))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("not known what its input " + unknown)
                    .hasMessageContaining("position_ids")
                    .hasMessageContaining("use LoRA or adapters");
        }
    }
}
