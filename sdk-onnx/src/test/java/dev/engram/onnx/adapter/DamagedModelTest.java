package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.EngramException;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedModelTest {

    @TempDir Path folder;

    @Test
    void whateverAFileHoldsItIsPreparedOrRefusedWithAClearError() throws IOException {
        byte[] good = Files.readAllBytes(TwoLayers.in(folder));
        Path bad = folder.resolve("bad.onnx");
        Path target = folder.resolve("prepared.onnx");
        Random random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 500; round++) {
            byte[] bytes = good.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(bad, bytes);
            refused += isRefused(bad, target) ? 1 : 0;
        }
        assertThat(refused).isBetween(1, 499);
    }

    private static boolean isRefused(Path bad, Path target) {
        try {
            AdapterSlots.add(bad, LayerSelection.all(), target);
            return false;
        } catch (EngramException e) {
            assertThat(e.getMessage()).isNotBlank();
            return true;
        }
    }
}
