package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScaledTest {

    /** With {@code array.mul(3)} most of these gradients are NaN. */
    @Test
    void aGradientOutlivesTheGarbageCollector() {
        int terms = 2000;
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(terms));
            x.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray total = manager.zeros(new Shape());
                for (int i = 0; i < terms; i++) {
                    total = total.add(Scaled.by(3, x.get(i)));
                }
                System.gc();
                fillFreedMemory();
                collector.backward(total);
            }
            assertThat(x.getGradient().toFloatArray()).containsOnly(3f);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "FLOAT32", "FLOAT64"})
    void theTypeStays(DataType type) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray scaled = Scaled.by(0.1, manager.ones(new Shape(2), type));
            assertThat(scaled.getDataType()).isEqualTo(type);
            assertThat(scaled.getShape()).isEqualTo(new Shape(2));
            if (type == DataType.FLOAT64) {
                assertThat(scaled.toDoubleArray()).containsOnly(0.1);
            }
        }
    }

    private static void fillFreedMemory() {
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4 << (i % 5));
            while (buffer.hasRemaining()) {
                buffer.putFloat(Float.NaN);
            }
        }
    }
}
