package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class EngineMemoryTest {

    private static final int ROUNDS = 200;
    private static final int SIZE = 64;

    /** What {@code toType(type, true)} promises and does not do: without the copy this fails. */
    @Test
    void viewsOfACopyOutliveTheArrayFromJavaMemory() {
        assertThat(damaged(EngineMemory::copy)).isZero();
    }

    @Test
    void aCopyIsCutOffAndItsOwn() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(3f);
            array.setName("three");
            array.setRequiresGradient(true);
            NDArray copy = EngineMemory.copy(array, manager);
            assertThat(copy.hasGradient()).isFalse();
            assertThat(copy.getName()).isEqualTo("three");
            copy.addi(1);
            assertThat(array.getFloat()).isEqualTo(3f);
        }
    }

    @Test
    void aScopeThatIsOpenDoesNotCloseACopy() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray copy;
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                copy = EngineMemory.copy(manager.create(3f), manager);
            }
            assertThat(copy.getFloat()).isEqualTo(3f);
        }
    }

    /** With {@code copyTo} the view keeps the old values, in memory that nobody holds any more. */
    @Test
    void whatIsWrittenIsSeenThroughViewsMadeBefore() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Shape shape : new Shape[] {new Shape(), new Shape(3), new Shape(2, 3)}) {
                NDArray into = manager.create(shape, DataType.FLOAT32);
                NDArray view = into.stopGradient();
                EngineMemory.write(manager.full(shape, 2f), into);
                assertThat(view.toFloatArray()).containsOnly(2f);
            }
        }
    }

    /** Counts the arrays whose views no longer read what was written. */
    private static int damaged(BiFunction<NDArray, NDManager, NDArray> keep) {
        float[] values = new float[SIZE];
        Arrays.fill(values, 1);
        int damaged = 0;
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray[] views = new NDArray[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                try (NDArray array = manager.create(values)) {
                    views[i] = keep.apply(array, manager).reshape(8, SIZE / 8);
                }
            }
            System.gc();
            fillFreedMemory();
            for (NDArray view : views) {
                damaged += Arrays.equals(view.toFloatArray(), values) ? 0 : 1;
            }
        }
        return damaged;
    }

    private static void fillFreedMemory() {
        for (int i = 0; i < 5_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE * Float.BYTES);
            while (buffer.hasRemaining()) {
                buffer.putFloat(Float.NaN);
            }
        }
    }
}
