package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomSignsTest {

    @Test
    void bothSignsAreDrawnAndTheSameSeedDrawsTheSame() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray signs = RandomSigns.of(new Shape(20, 5), new SplittableRandom(3), manager);
            assertThat(signs.getShape()).isEqualTo(new Shape(20, 5));
            assertThat(signs.getManager()).isSameAs(manager);
            assertThat(signs.toFloatArray()).containsOnly(1f, -1f).contains(1f).contains(-1f);
            NDArray again = RandomSigns.of(new Shape(20, 5), new SplittableRandom(3), manager);
            assertThat(again.toFloatArray()).isEqualTo(signs.toFloatArray());
        }
    }
}
