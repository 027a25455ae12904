package dev.engram.djl.internal.base;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

/** What is in the way of asking a base is told as what it is. */
class ObstacleTest {

    @Test
    void theOutputThatIsAStateIsNamed() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList answers =
                    new NDList(manager.zeros(new Shape(16, 4)), manager.zeros(new Shape(1, 16, 8)));
            assertThat(Obstacle.of(answers, 16))
                    .hasValueSatisfying(
                            said ->
                                    assertThat(said)
                                            .contains("output 2 is (1, 16, 8)")
                                            .contains("the 16 samples")
                                            .contains("optReturnState"));
            assertThat(Obstacle.of(new NDList(answers.head()), 16)).isEmpty();
            assertThat(Obstacle.of(new NDList(manager.zeros(new Shape(16, 1))), 16))
                    .hasValueSatisfying(said -> assertThat(said).contains("[(16, 1)]"));
        }
    }

    @Test
    void inputsThatCannotChangeByLittleAreNamed() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList ids = new NDList(manager.zeros(new Shape(2, 3), DataType.INT64));
            assertThat(Obstacle.of(ids))
                    .contains("its inputs are int64 and no floating-point numbers");
            ids.add(ids.head());
            assertThat(Obstacle.of(ids)).contains("it takes 2 arrays");
        }
    }
}
