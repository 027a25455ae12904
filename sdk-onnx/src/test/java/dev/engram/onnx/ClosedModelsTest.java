package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.onnx.graph.OnnxException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is closed takes everything of its block with it. */
class ClosedModelsTest {

    @TempDir Path folder;

    private OnnxBlock block() throws Exception {
        return OnnxBlock.builder()
                .setModel(
                        Models.opset(13)
                                .input("x", TensorProto.DataType.FLOAT, -1, 2)
                                .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                                .weights("two", new long[] {}, 2)
                                .node("MatMul", List.of("x", "w"), List.of("a"))
                                .node("Mul", List.of("a", "two"), List.of("y"))
                                .output("y", TensorProto.DataType.FLOAT)
                                .write(folder.resolve("model.onnx")))
                .build();
    }

    /** Opens a model, runs it, and closes it as every user of DJL does. */
    private OnnxBlock used() throws Exception {
        OnnxBlock block = block();
        try (Model model = Model.newInstance("m", Device.cpu(), "PyTorch")) {
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
            try (NDManager batch = model.getNDManager().newSubManager()) {
                NDList x = new NDList(batch.ones(new Shape(1, 2)));
                block.forward(new ParameterStore(batch, false), x, false);
            }
        }
        return block;
    }

    @Test
    void fortyModelsLeaveNeitherArraysNorManagers() throws Exception {
        used();
        int before = alive();
        for (int i = 0; i < 40; i++) {
            used();
        }
        assertThat(alive()).isEqualTo(before);
        OnnxBlock open = block();
        assertThat(alive()).isGreaterThan(before);
        open.clear();
        assertThat(alive()).isEqualTo(before);
    }

    @Test
    void aBlockOfAClosedModelSaysSo() throws Exception {
        OnnxBlock block = used();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray x = manager.ones(new Shape(1, 2));
            assertThatThrownBy(
                            () ->
                                    block.forward(
                                            new ParameterStore(manager, false),
                                            new NDList(x),
                                            false))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("model.onnx has no values any more");
        }
        block.clear();
    }

    /** All arrays and managers under that of the engine. */
    private static int alive() throws ReflectiveOperationException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            collect(manager.getParentManager(), seen);
            return seen.size();
        }
    }

    private static void collect(Object resource, Set<Object> seen)
            throws ReflectiveOperationException {
        if (seen.add(resource) && resource instanceof BaseNDManager manager) {
            Field resources = BaseNDManager.class.getDeclaredField("resources");
            resources.setAccessible(true);
            for (Object child : ((Map<?, ?>) resources.get(manager)).values()) {
                collect(child, seen);
            }
        }
    }
}
