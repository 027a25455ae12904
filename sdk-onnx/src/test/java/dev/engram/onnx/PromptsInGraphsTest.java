package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import dev.engram.prompttuning.Initialisation;
import dev.engram.prompttuning.PromptIsolation;
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
            case "input_ids" -> 3 + 5L * place + 2L * row;
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

    /** The gradient of what stands in front of a norm sums up to zero, which DJL takes for none. */
    @Test
    void aPromptAloneTrainsInFrontOfANorm() throws Exception {
        Path file = SmallTransformer.pooling(folder.resolve("small.onnx"));
        Map<String, ?> alone = Map.of("length", 4, "owned", "");
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        try (Model model = Tasks.model(TwoTasks.classes(block));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("prompt-tuning", alone).build()) {
            new Words().fit(model, 0, 5, listener);
            Block task = listener.tasks(model).handle("task-1").block();
            NDList inputs = new Words().batch(manager, 0);
            assertThat(TwoTasks.outputs(task, inputs))
                    .isNotEqualTo(TwoTasks.outputs(model.getBlock(), inputs));
        }
    }

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
}
