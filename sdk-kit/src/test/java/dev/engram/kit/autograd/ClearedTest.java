package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
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
}
