package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ClearedTest {

    @Test
    void whatIsNotFiniteIsZeroAfterwardsToo() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            float[] wild = {1, Float.NaN, Float.NEGATIVE_INFINITY, 2};
            NDArray array = manager.create(wild, new Shape(2, 2)).add(0);
            Cleared.zero(array);
            assertThat(array.toFloatArray()).containsOnly(0);
            NDArray one = manager.create(Float.NaN).add(0);
            Cleared.zero(one);
            assertThat(one.getFloat()).isZero();
        }
    }

    @Test
    void nothingIsLeftWithTheManagerOfTheArray() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray array = manager.ones(new Shape(2, 2));
            Cleared.zero(array);
            Cleared.zero(array, new NDIndex("{}", 1));
            assertThat(manager.getManagedArrays()).containsExactly(array);
        }
    }

    /**
     * Such as a number from Java is: they go only with a collection, and each is a copy on a GPU.
     */
    @Test
    void noMemoryOfTheJvmIsTaken() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray array = manager.ones(new Shape(2, 2));
            Cleared.zero(array);
            long before = directBuffers();
            for (int i = 0; i < 100; i++) {
                Cleared.zero(array);
            }
            assertThat(directBuffers() - before).isLessThan(10);
        }
    }

    private static long directBuffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getCount)
                .sum();
    }
}
