package com.example.forgetting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.tck.KeptMemory;
import org.junit.jupiter.api.Test;

/** What earlier versions of the plug-in wrote is read for ever. */
class EmaStateTest {

    @Test
    void stateOfVersion1IsTheAverageOfSquares() {
        try (NDManager manager = NDManager.newBaseManager();
                MovingAverageImportance squares = new MovingAverageImportance(0.9, Form.SQUARE)) {
            squares.restore(version1(manager));
            KeptMemory now = new KeptMemory(manager, squares.stateVersion());
            squares.save(now);
            assertThat(now.text("form")).hasValue("SQUARE");
            NDArray average = now.tensors("average", manager).get("weight");
            assertThat(average.toFloatArray()).containsExactly(4, 9);
        }
    }

    @Test
    void stateOfVersion1IsRefusedWhereMagnitudesAreAveraged() {
        try (NDManager manager = NDManager.newBaseManager();
                MovingAverageImportance other = new MovingAverageImportance(0.9, Form.MAGNITUDE)) {
            KeptMemory old = version1(manager);
            assertThatThrownBy(() -> other.restore(old))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("set form = square");
        }
    }

    /** As version 1 wrote it, which did not say of what the average is. */
    private static KeptMemory version1(NDManager manager) {
        KeptMemory old = new KeptMemory(manager, 1);
        old.tensor("average", "weight", manager.create(new float[] {4, 9}));
        return old;
    }
}
