package dev.engram.onnx.fuzz;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.operator.StandardOperators;
import dev.engram.onnx.internal.program.Interpreter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** One way into Engram for a file that may come from anywhere. */
enum Probe {
    /** Reads a model, as a block if anything in it is floating, and runs it if it is small. */
    BLOCK {
        @Override
        void read(Path file) throws IOException {
            OnnxModel model = OnnxModel.read(file);
            model.graph().initializers().values().forEach(Probe::requireOwn);
            boolean isFloating =
                    model.graph().initializers().values().stream()
                            .anyMatch(tensor -> tensor.type().isFloating());
            if (isFloating) {
                run(OnnxBlock.builder().setModel(file).optTrainable(own -> true).build());
            } else {
                try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
                    new Interpreter(model, Set.of(), StandardOperators.TABLE, manager).close();
                }
            }
        }
    },

    /** Gives a model places for adapters. */
    SLOTS {
        @Override
        void read(Path file) throws IOException {
            Path target = file.resolveSibling("prepared.onnx");
            Files.deleteIfExists(target);
            AdapterSlots.add(file, LayerSelection.all(), target);
        }
    },

    /** Reads an adapter. */
    ADAPTER {
        @Override
        void read(Path file) {
            OnnxAdapterFile.read(file);
        }
    };

    /** What the files hold that no model may reach. */
    static final float FOREIGN = 1234.5f;

    private static final int MOST_AXES = 6;
    private static final int LONGEST_AXIS = 64;
    private static final long MOST_ELEMENTS = 1 << 18;

    /** Reads a file; what is wrong with it must be an {@code EngramException} that says so. */
    abstract void read(Path file) throws IOException;

    private static void requireOwn(Tensor tensor) {
        ByteBuffer values = tensor.values();
        if (tensor.type() == ElementType.FLOAT && tensor.size() > 1) {
            boolean foreign = true;
            while (foreign && values.hasRemaining()) {
                foreign = values.getFloat() == FOREIGN;
            }
            if (foreign) {
                throw new AssertionError(tensor.name() + " was read from a foreign file");
            }
        }
    }

    private static void run(OnnxBlock block) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            List<GraphValue> inputs = block.inputs();
            if (inputs.stream().allMatch(Probe::isSmall)) {
                NDList given = new NDList();
                inputs.forEach(input -> given.add(input(input, manager)));
                if (!given.isEmpty()) {
                    block.forward(new ParameterStore(manager, false), given, false);
                }
            }
        } finally {
            block.clear();
        }
    }

    private static boolean isSmall(GraphValue input) {
        long[] dims = input.dims().orElseGet(() -> new long[] {Long.MAX_VALUE});
        return dims.length <= MOST_AXES
                && Arrays.stream(dims).allMatch(dim -> dim <= LONGEST_AXIS)
                && shape(dims).size() <= MOST_ELEMENTS;
    }

    private static Shape shape(long... dims) {
        return new Shape(Arrays.stream(dims).map(dim -> dim < 0 ? 2 : dim).toArray());
    }

    private static NDArray input(GraphValue input, NDManager manager) {
        Shape shape = shape(input.dims().orElseThrow());
        DataType type = input.type().flatMap(ElementType::held).orElse(DataType.FLOAT32);
        return type == DataType.FLOAT32 ? manager.randomNormal(shape) : manager.ones(shape, type);
    }
}
