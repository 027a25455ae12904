package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writers of one process wait for each other. */
class TwoWritersTest {

    private static final int ROUNDS = 40;

    @TempDir Path home;
    private Path file;

    /** One of the weights in the model's own file, which is replaced even if the other stays. */
    private OnnxBlock trained(float added) throws IOException {
        file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .initializer(ExternalTargetsTest.external("w", "w.bin", 2, 2))
                        .weights("b", new long[] {2, 2}, 1, 1, 1, 1)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("MatMul", List.of("a", "b"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(home.resolve("trained.onnx"));
        Files.write(home.resolve("w.bin"), ExternalTargetsTest.floats(1));
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.getParameters().values().forEach(each -> each.getArray().addi(added));
        return block;
    }

    private Callable<Path> written(OnnxBlock block, NDManager manager) {
        OnnxWriter writer = ExternalTargetsTest.writer(block, manager);
        return () -> {
            writer.write(file);
            return file;
        };
    }

    @Test
    @Timeout(60)
    void twoWritersAtATimeLeaveTheFilesOfOne() throws Exception {
        OnnxBlock one = trained(1);
        OnnxBlock other = trained(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (NDManager first = NDManager.newBaseManager(Device.cpu());
                NDManager second = NDManager.newBaseManager(Device.cpu())) {
            List<Callable<Path>> both = List.of(written(one, first), written(other, second));
            for (int round = 0; round < ROUNDS; round++) {
                for (Future<Path> each : threads.invokeAll(both)) {
                    each.get();
                }
                requireOfOneWriter();
            }
        } finally {
            threads.shutdown();
            one.clear();
            other.clear();
        }
    }

    private void requireOfOneWriter() throws IOException {
        OnnxBlock left = OnnxBlock.builder().setModel(file).build();
        float[] outside = left.getParameters().get("w").getArray().toFloatArray();
        assertThat(left.getParameters().get("b").getArray().toFloatArray())
                .containsExactly(outside);
        left.clear();
    }
}
