package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import dev.engram.api.EngramException;
import dev.engram.api.task.Task;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where prompts go, and where they cannot. */
class PromptPlacesTest {

    private static final int WIDTH = Bases.WIDTH;

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void layersSeeThePromptAndThoseAfterThemTheOriginalPositions() {
        Block first = encoder();
        Block second = encoder();
        Block block =
                new SequentialBlock()
                        .add(new TokenEmbedding(Bases.TOKENS, WIDTH, false))
                        .add(first)
                        .add(second);
        try (Model model = Bases.model(block);
                TaskRegistry tasks = registry(model, PromptIsolation.promptTuning())) {
            NDArray vectors = vectors(tasks, "01TokenEmbedding");
            NDArray rows = block.getParameters().valueAt(0).getArray();
            NDArray ids = manager.create(new long[] {1, 2, 3}, new Shape(1, 3));
            NDArray embedded = rows.get(new NDIndex("1:4")).reshape(1, 3, WIDTH);
            NDList longer = new NDList(vectors.reshape(1, 5, WIDTH).concat(embedded, 1));
            NDArray wanted =
                    Bases.outputs(second, Bases.outputs(first, longer))
                            .head()
                            .get(new NDIndex(":, 5:"));
            NDArray found = tasks.handle("task").predict(new NDList(ids)).head();
            assertThat(found.getShape()).isEqualTo(new Shape(1, 3, WIDTH));
            assertThat(found.allClose(wanted, 1e-5, 1e-5, false)).isTrue();
        }
    }

    @Test
    void paddingIsStillIgnored() {
        for (Bases kind : List.of(Bases.MASKED, Bases.BERT)) {
            for (PromptIsolation.Builder method :
                    List.of(PromptIsolation.promptTuning(), PromptIsolation.prefixTuning())) {
                Block bert = kind == Bases.BERT ? kind.block() : masked();
                try (Model model = Bases.model(bert);
                        TaskRegistry tasks = registry(model, method)) {
                    assertThat(visible(tasks, 7)).isEqualTo(visible(tasks, 0));
                }
            }
        }
    }

    @Test
    void childrenCanBeNamed() {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(WIDTH).build())
                        .add(encoder())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(2).build());
        block.initialize(manager, DataType.FLOAT32, new Shape(2, 4, WIDTH));
        try (Model model = Model.newInstance("named")) {
            model.setBlock(block);
            PromptIsolation.Builder named =
                    PromptIsolation.promptTuning().optAfter("01Linear").optUntil("03LambdaBlock");
            try (TaskRegistry tasks = registry(model, named)) {
                assertThat(tasks.tensors("task", manager))
                        .containsKeys(
                                "01Linear/vectors", "04Linear_weight/copy", "04Linear_bias/copy");
                NDArray x = manager.ones(new Shape(2, 4, WIDTH));
                assertThat(tasks.handle("task").predict(new NDList(x)).head().getShape())
                        .isEqualTo(new Shape(2, 4, 2));
            }
        }
    }

    @Test
    void aModelWithoutAPlaceIsRefusedWithWhatCouldBeNamed() {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(8).build())
                        .add(Activation.reluBlock());
        try (Model model = Bases.model(block)) {
            assertThatThrownBy(() -> registry(model, PromptIsolation.promptTuning()))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("no place for prompts was found")
                    .hasMessageContaining("01Linear, 02LambdaBlock");
            assertThatThrownBy(() -> registry(model, PromptIsolation.prefixTuning()))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("in front of the keys and values of attention");
        }
    }

    @Test
    void aSequenceOutOfReachIsNamed() {
        ParallelBlock two = new ParallelBlock(lists -> new NDList(lists.get(0)));
        two.add(
                new SequentialBlock()
                        .add(new TokenEmbedding(Bases.TOKENS, WIDTH, false))
                        .add(encoder()));
        try (Model model = Bases.model(new SequentialBlock().add(two))) {
            assertThatThrownBy(() -> registry(model, PromptIsolation.promptTuning()))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("01TokenEmbedding\" is in a block that cannot be");
        }
    }

    @Test
    void promptsStartFromTokensAndAResidualNetworkAddsNothingAtFirst() {
        try (Model model = Bases.model(Bases.ENCODER.block())) {
            NDArray table = model.getBlock().getParameters().valueAt(0).getArray();
            PromptIsolation.Builder tokens =
                    PromptIsolation.promptTuning()
                            .optInitialisation(Initialisation.TOKENS)
                            .optTokens(List.of(3, 9));
            float[] plain;
            try (TaskRegistry tasks = registry(model, tokens)) {
                NDArray vectors = vectors(tasks, "01TokenEmbedding");
                assertThat(vectors.get(2).toFloatArray()).isEqualTo(table.get(3).toFloatArray());
                assertThat(vectors.get(3).toFloatArray()).isEqualTo(table.get(9).toFloatArray());
                plain = Bases.outputs(model, tasks.handle("task").block(), 0);
            }
            tokens.optReparametrisation(Reparametrisation.RESIDUAL, 6);
            try (TaskRegistry tasks = registry(model, tokens)) {
                assertThat(tasks.tensors("task", manager).get("01TokenEmbedding/up_weight"))
                        .satisfies(up -> assertThat(up.getShape()).isEqualTo(new Shape(16, 6)));
                assertThat(Bases.outputs(model, tasks.handle("task").block(), 0)).isEqualTo(plain);
            }
            tokens.optTokens(List.of(3, 99));
            assertThatThrownBy(() -> registry(model, tokens))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("tokens names [99], but \"01TokenEmbedding_embedding\"");
        }
    }

    @Test
    void settingsThatCannotBeAreRefusedAllAtOnce() {
        assertThatThrownBy(
                        () ->
                                PromptIsolation.promptPool()
                                        .optLength(0)
                                        .optPool(3, 4, 1, true)
                                        .optTokens(List.of(1))
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("length = 0")
                .hasMessageContaining("selected = 4: write 1 to the size of the pool, which is 3")
                .hasMessageContaining("initialise = random uses none");
    }

    private TaskRegistry registry(Model model, PromptIsolation.Builder method) {
        TaskRegistry tasks = new TaskRegistry(model, method.optLength(5).build());
        try {
            tasks.add("task", (isolation, base) -> isolation.create(base, task()));
            return tasks;
        } catch (EngramException e) {
            tasks.close();
            throw e;
        }
    }

    private static Task task() {
        return Task.named("task");
    }

    private NDArray vectors(TaskRegistry tasks, String place) {
        return tasks.tensors("task", manager).get(place + "/vectors");
    }

    /** What the first position gives when the last one is padding that holds some token. */
    private float[] visible(TaskRegistry tasks, int padding) {
        NDArray ids = manager.create(new long[] {1, 2, 3, 0}, new Shape(1, 4));
        NDArray table =
                tasks.read(
                        "task",
                        (base, task) ->
                                base.parameters().stream()
                                        .filter(own -> own.getKey().contains("mbedding_embedding"))
                                        .findFirst()
                                        .orElseThrow()
                                        .getValue()
                                        .getArray());
        table.setRequiresGradient(false);
        table.set(new NDIndex("0"), padding);
        NDArray out = tasks.handle("task").predict(new NDList(ids)).head();
        return out.toFloatArray();
    }

    /** Gives the features of the first position. */
    private static Block masked() {
        return new SequentialBlock()
                .add(new TokenEmbedding(Bases.TOKENS, WIDTH, true))
                .add(encoder())
                .add(list -> new NDList(list.head().get(new NDIndex(":, 0"))));
    }

    private static Block encoder() {
        return new TransformerEncoderBlock(WIDTH, 2, 32, 0.1f, Activation::relu);
    }
}
