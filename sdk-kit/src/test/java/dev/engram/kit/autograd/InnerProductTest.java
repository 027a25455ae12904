package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InnerProductTest {

    /** 300 squared leaves the range of half precision, and so does the sum of a thousand ones. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "FLOAT32", "FLOAT64"})
    void squaresAreSummedInSinglePrecision(DataType type) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray array = manager.full(new Shape(100, 10), 300f).toType(type, true);
            int arrays = manager.getManagedArrays().size();
            try (NDArray sum = InnerProduct.ofItself(array, manager)) {
                assertThat(sum.getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(sum.getFloat()).isCloseTo(9e7f, within(1e3f));
            }
            assertThat(manager.getManagedArrays()).hasSize(arrays);
        }
    }

    @Test
    void oneNumberHasALength() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            assertThat(InnerProduct.ofItself(manager.create(3f), manager).getFloat()).isEqualTo(9f);
        }
    }
}
