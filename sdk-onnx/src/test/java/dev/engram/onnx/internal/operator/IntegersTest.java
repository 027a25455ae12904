package dev.engram.onnx.internal.operator;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.program.Interpreter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole numbers of 64 bits are not rounded to the 53 of a double. */
class IntegersTest {

    private static final long[] EDGES = {
        Long.MAX_VALUE,
        Long.MAX_VALUE - 1,
        Long.MIN_VALUE + 1,
        (1L << 53) + 1,
        -(1L << 60) + 3,
        7,
        -7
    };
    private static final long[] DIVISORS = {1, 2, 3, -3, 1_000_000_007, -(1L << 40) + 1, 5};

    @TempDir Path folder;

    private final Random random = new Random(4);

    private long[] numbers(long[] edges) {
        long[] drawn = random.longs(200).map(n -> n >> random.nextInt(63)).toArray();
        long[] all = Arrays.copyOf(edges, edges.length * edges.length + drawn.length);
        for (int i = 0; i < edges.length * edges.length; i++) {
            all[i] = edges == EDGES ? edges[i / edges.length] : edges[i % edges.length];
        }
        System.arraycopy(drawn, 0, all, edges.length * edges.length, drawn.length);
        return Arrays.stream(all).map(n -> n == 0 ? 1 : n).toArray();
    }

    private void agrees(Models graph, LongBinaryOperator java) throws Exception {
        Path file =
                graph.input("x", DataType.INT64, -1)
                        .input("y", DataType.INT64, -1)
                        .output("z", DataType.INT64)
                        .write(folder.resolve("integers.onnx"));
        long[] left = numbers(EDGES);
        long[] right = numbers(DIVISORS);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter ours =
                        new Interpreter(
                                OnnxModel.read(file), Set.of(), StandardOperators.TABLE, manager)) {
            NDList inputs = new NDList(manager.create(left), manager.create(right));
            NDArray seen = ours.run(inputs, Map.of(), false).head();
            long[] expected = new long[left.length];
            Arrays.setAll(expected, i -> java.applyAsLong(left[i], right[i]));
            assertThat(seen.toLongArray()).containsExactly(expected);
        }
    }

    @Test
    void quotientsAreTruncatedAndExact() throws Exception {
        agrees(Models.opset(14).node("Div", "z", "x", "y"), (x, y) -> x / y);
    }

    @Test
    void remaindersOfTruncatedQuotientsAreExact() throws Exception {
        agrees(
                Models.opset(14)
                        .node("Mod", List.of("x", "y"), List.of("z"), Models.told("fmod", 1)),
                (x, y) -> x % y);
    }

    @Test
    void rangesOfLargeNumbersAreExact() throws Exception {
        long start = (1L << 53) + 1;
        Path file =
                Models.opset(14)
                        .input("x", DataType.INT64)
                        .initializer(Models.tensor("step", DataType.INT64).addInt64Data(1).build())
                        .initializer(
                                Models.tensor("end", DataType.INT64)
                                        .addInt64Data(start + 3)
                                        .build())
                        .node("Range", "z", "x", "end", "step")
                        .output("z", DataType.INT64)
                        .write(folder.resolve("range.onnx"));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter ours =
                        new Interpreter(
                                OnnxModel.read(file), Set.of(), StandardOperators.TABLE, manager)) {
            NDList inputs = new NDList(manager.create(new long[] {start}, new Shape()));
            assertThat(ours.run(inputs, Map.of(), false).head().toLongArray())
                    .containsExactly(start, start + 1, start + 2);
        }
    }
}
