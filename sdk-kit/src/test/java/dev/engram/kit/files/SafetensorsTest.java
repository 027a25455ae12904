package dev.engram.kit.files;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

    @TempDir private Path root;

    @Test
    void arraysOutliveTheirFileAndMayBeWrittenTo() throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Path file = write(Map.of("w", manager.ones(new Shape(300, 40))));
            NDArray read = Safetensors.read(file, manager).get("w");
            Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING).close();
            read.addi(1);
            assertThat(read.sum().getFloat()).isEqualTo(24_000);
        }
    }

    @Test
    void halfStaysHalfUnlessFloatsAreAskedFor() throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray half = manager.ones(new Shape(2)).toType(DataType.FLOAT16, true);
            Path file = write(Map.of("w", half));
            assertThat(Safetensors.read(file, manager).get("w").getDataType())
                    .isEqualTo(DataType.FLOAT16);
            assertThat(Safetensors.readAsFloat(file, manager).get("w").toFloatArray())
                    .containsExactly(1, 1);
        }
    }

    @Test
    void anEmptyTensorIsATensor() throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Path file = write(Map.of("w", manager.zeros(new Shape(0, 3))));
            assertThat(Safetensors.read(file, manager).get("w").getShape())
                    .isEqualTo(new Shape(0, 3));
        }
    }

    private Path write(Map<String, NDArray> tensors) throws IOException {
        Path file = root.resolve("t.safetensors");
        try (OutputStream out = Files.newOutputStream(file)) {
            Safetensors.write(tensors, Map.of("format", "pt"), out);
        }
        return file;
    }
}
