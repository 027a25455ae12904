package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.prompttuning.Initialisation;
import dev.engram.prompttuning.PromptIsolation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which axes of outputs lose the positions of a prompt, and what stands before it. */
class PromptAxesTest {

    private static final List<Integer> PROMPT = List.of(7, 23, 11);
    private static final List<Integer> TEXT = List.of(3, 10, 17, 24, 31);
    private static final int WIDTH = 8;

    @TempDir Path folder;

    /** Tokens looked up, and mixed by attention of one head: {@code a} and {@code y}. */
    private static Models mixing(long length) {
        return mixing(length, 0.1f);
    }

    private static Models mixing(long length, float sharpness) {
        return Models.opset(13)
                .input("ids", DataType.INT64, -1, length)
                .weight("words", 40, WIDTH)
                .weights("small", new long[] {1}, sharpness)
                .node("Gather", "e", "words", "ids")
                .node("Transpose", "et", "e")
                .with("perm", new long[] {0, 2, 1})
                .node("MatMul", "s", "e", "et")
                .node("Mul", "s1", "s", "small")
                .node("Softmax", "a", "s1")
                .with("axis", -1)
                .node("MatMul", "y", "a", "e");
    }

    private static Models number(Models models, String name, DataType type, long value) {
        var tensor = Models.tensor(name, type);
        return models.initializer(
                type == DataType.INT32
                        ? tensor.addInt32Data((int) value).build()
                        : tensor.addInt64Data(value).build());
    }

    /** The prompt's tokens in the text do the same, and these axes lose them. */
    private void isTheTokensInTheText(Models models, int before, int... axes) throws Exception {
        try (FrozenGraph base = FrozenGraph.of(models.write(folder.resolve("m.onnx")));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            List<Integer> both = new ArrayList<>(TEXT);
            both.addAll(before, PROMPT);
            NDArray seen = base.outputs(task(base), new NDList(rows(TEXT, manager)), false).head();
            NDArray whole = base.outputs(new NDList(rows(both, manager))).head();
            for (int axis : axes) {
                whole = without(whole, axis, before);
            }
            assertThat(seen.getShape()).isEqualTo(whole.getShape());
            assertThat(seen.toFloatArray())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(whole.toFloatArray());
        }
    }

    private static TaskParameters task(FrozenGraph base) {
        return PromptIsolation.promptTuning()
                .optLength(PROMPT.size())
                .optInitialisation(Initialisation.TOKENS)
                .optTokens(PROMPT)
                .optOwned("")
                .build()
                .create(base, Task.named("task-1"));
    }

    private static NDArray rows(List<Integer> tokens, NDManager manager) {
        long[] row = tokens.stream().mapToLong(Integer::longValue).toArray();
        NDArray one = manager.create(row, new Shape(1, row.length));
        return one.repeat(0, 2);
    }

    private static NDArray without(NDArray array, int axis, int before) {
        long size = array.getShape().get(axis);
        NDIndex end = new NDIndex().addAllDim(axis).addSliceDim(before + PROMPT.size(), size);
        NDIndex front = new NDIndex().addAllDim(axis).addSliceDim(0, before);
        return before == 0 ? array.get(end) : array.get(front).concat(array.get(end), axis);
    }

    private void isRefused(Models models, String... why) throws Exception {
        try (FrozenGraph base = FrozenGraph.of(models.write(folder.resolve("m.onnx")))) {
            assertThatThrownBy(() -> task(base))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContainingAll(why)
                    .hasMessageContaining("use LoRA or adapters");
        }
    }

    @Test
    void attentionAveragedOverHeadsLosesThemOnBothAxes() throws Exception {
        isTheTokensInTheText(mixing(-1).output("a", DataType.FLOAT, -1, -1, -1), 0, 1, 2);
    }

    @Test
    void attentionThatSeesOnlyLongVectorsTakesAPrompt() throws Exception {
        isTheTokensInTheText(mixing(-1, 20).output("y", DataType.FLOAT), 0, 1);
    }

    @Test
    void positionsMayBeTheLastAxisWhateverTheFileStates() throws Exception {
        isTheTokensInTheText(
                mixing(-1)
                        .node("Transpose", "t", "y")
                        .with("perm", new long[] {0, 2, 1})
                        .output("t", DataType.FLOAT),
                0,
                2);
        isTheTokensInTheText(
                mixing(-1)
                        .node("Transpose", "t", "y")
                        .with("perm", new long[] {0, 2, 1})
                        .output("t", DataType.FLOAT, -1, WIDTH, -1),
                0,
                2);
    }

    @Test
    void positionsMayBeTheFirstAxis() throws Exception {
        isTheTokensInTheText(
                mixing(-1)
                        .node("Transpose", "t", "y")
                        .with("perm", new long[] {1, 0, 2})
                        .output("t", DataType.FLOAT, -1, -1, WIDTH),
                0,
                0);
    }

    /** Five tokens and the prompt are as many as a vector has numbers. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 8})
    void aMeanOverANegativeAxisHasNoPositions(long length) throws Exception {
        isTheTokensInTheText(
                mixing(length)
                        .node("ReduceMean", "m", "y")
                        .with("axes", new long[] {-2})
                        .with("keepdims", 0)
                        .output("m", DataType.FLOAT),
                0);
    }

    @Test
    void aFixedLengthAsLargeAsAWidthIsRefused() throws Exception {
        isRefused(
                mixing(8).output("y", DataType.FLOAT, -1, 8, 8),
                "exported for sequences of 8 positions",
                "cannot be told whether axes [1, 2] of its output y");
    }

    @Test
    void anOutputThatFollowsTheLengthOtherwiseIsRefused() throws Exception {
        isRefused(
                mixing(-1)
                        .integers("flat", -1, WIDTH)
                        .node("Reshape", "r", "y", "flat")
                        .output("r", DataType.FLOAT),
                "its output r is (10, 8) for one length of sequences and (16, 8) for 8 positions");
    }

    @Test
    void theFirstTokenMayBePickedByAnAxisFromTheEnd() throws Exception {
        isTheTokensInTheText(
                number(mixing(-1), "zero", DataType.INT64, 0)
                        .node("Gather", "c", "y", "zero")
                        .with("axis", -2)
                        .output("c", DataType.FLOAT),
                1);
        isTheTokensInTheText(
                mixing(-1)
                        .integers("from", 0)
                        .integers("to", 1)
                        .integers("axis", -2)
                        .node("Slice", "c", "y", "from", "to", "axis")
                        .output("c", DataType.FLOAT),
                1);
    }

    @Test
    void theFirstTokenMayBePickedByAGatherNd() throws Exception {
        isTheTokensInTheText(
                mixing(-1)
                        .initializer(
                                Models.tensor("zeros", DataType.INT64, 2, 1)
                                        .addInt64Data(0)
                                        .addInt64Data(0)
                                        .build())
                        .node("GatherND", "c", "y", "zeros")
                        .with("batch_dims", 1)
                        .output("c", DataType.FLOAT),
                1);
    }

    @Test
    void numbersOfPositionsThatAreNotReadAreNamed() throws Exception {
        isRefused(
                number(mixing(-1), "zero", DataType.INT32, 0)
                        .node("Gather", "c", "y", "zero")
                        .with("axis", 1)
                        .output("c", DataType.FLOAT),
                "takes positions by the numbers zero",
                "cannot be told whether they count from the front");
    }

    @Test
    void numbersOnOtherAxesAreNoPositions() throws Exception {
        isTheTokensInTheText(
                mixing(-1)
                        .integers("from", 0)
                        .integers("to", 4)
                        .integers("axis", 1)
                        .node("ReduceMean", "m", "y")
                        .with("axes", new long[] {1})
                        .with("keepdims", 0)
                        .node("Slice", "c", "m", "from", "to", "axis")
                        .output("c", DataType.FLOAT),
                0);
        isTheTokensInTheText(threeParts(), 0, 1);
    }

    private static Models threeParts() {
        return number(mixing(-1), "two", DataType.INT64, 2)
                .weight("qkv", WIDTH, 3 * WIDTH)
                .integers("parts", 0, -1, 3, WIDTH)
                .node("MatMul", "k0", "y", "qkv")
                .node("Reshape", "k1", "k0", "parts")
                .node("Transpose", "k2", "k1")
                .with("perm", new long[] {0, 2, 1, 3})
                .node("Gather", "v", "k2", "two")
                .with("axis", 1)
                .output("v", DataType.FLOAT);
    }

    @Test
    void theLastOfAFixedLengthIsNotInFront() throws Exception {
        isTheTokensInTheText(
                number(mixing(8), "seven", DataType.INT64, 7)
                        .node("Gather", "c", "y", "seven")
                        .with("axis", 1)
                        .output("c", DataType.FLOAT),
                0);
    }

    @Test
    void aTableOfTypesIsNoTableOfPositions() throws Exception {
        Models models =
                Models.opset(13)
                        .input("ids", DataType.INT64, -1, -1)
                        .weight("words", 40, WIDTH)
                        .weight("types", 2, WIDTH)
                        .weight("places", 9, WIDTH);
        models.node("Shape", "shape", "ids")
                .node("ConstantOfShape", "kinds", "shape")
                .with("value", Models.tensor("", DataType.INT64, 1).addInt64Data(0).build())
                .node("CumSum", "numbers", "ones", "one")
                .node("ConstantOfShape", "ones", "shape")
                .with("value", Models.tensor("", DataType.INT64, 1).addInt64Data(1).build());
        number(models, "one", DataType.INT64, 1)
                .node("Gather", "w", "words", "ids")
                .node("Gather", "k", "types", "kinds")
                .node("Gather", "p", "places", "numbers")
                .node("Add", "wk", "w", "k")
                .node("Add", "y", "wk", "p")
                .node("ReduceMean", "m", "y")
                .with("axes", new long[] {1})
                .output("m", DataType.FLOAT);
        isTheTokensInTheText(models, 0);
    }

    @Test
    void aMaskThatHidesWhatIsOneIsRefused() throws Exception {
        isRefused(
                masked(DataType.BOOL).output("y", DataType.FLOAT),
                "no output changes with what the prompt holds",
                "a mask must be 1 for what is seen");
        isRefused(masked(DataType.FLOAT).output("y", DataType.FLOAT), "mask", "floating numbers");
    }

    private static Models masked(DataType type) {
        return Models.opset(13)
                .input("ids", DataType.INT64, -1, -1)
                .input("mask", type, -1, -1)
                .weight("words", 40, WIDTH)
                .weights("hide", new long[] {1}, -1e9f)
                .integers("one", 1)
                .node("Gather", "e", "words", "ids")
                .node("Transpose", "et", "e")
                .with("perm", new long[] {0, 2, 1})
                .node("MatMul", "s", "e", "et")
                .node("Cast", "m", "mask")
                .with("to", 1)
                .node("Mul", "m1", "m", "hide")
                .node("Unsqueeze", "m2", "m1", "one")
                .node("Add", "s1", "s", "m2")
                .node("Softmax", "a", "s1")
                .with("axis", -1)
                .node("MatMul", "y", "a", "e");
    }

    @Test
    void aKindOfTheWholeTextIsNotAlongTheSequence() throws Exception {
        Models models = mixing(-1).input("genre_type", DataType.INT64, -1, 4);
        try (FrozenGraph base =
                        FrozenGraph.of(
                                models.output("y", DataType.FLOAT)
                                        .write(folder.resolve("m.onnx")));
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray kinds = manager.zeros(new Shape(2, 4), ai.djl.ndarray.types.DataType.INT64);
            NDList inputs = new NDList(rows(TEXT, manager), kinds);
            assertThat(base.outputs(task(base), inputs, false).head().getShape())
                    .isEqualTo(new Shape(2, 5, WIDTH));
        }
    }
}
