package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.junit.jupiter.api.Test;

class UntrainedTest {

    @Test
    void aLookAtABiasInDoublePrecisionLeavesNoArrayBehind() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Parameter bias =
                    Parameter.builder().setName("bias").setType(Parameter.Type.BIAS).build();
            bias.setArray(manager.zeros(new Shape(3), DataType.FLOAT64));
            Untrained untrained = new Untrained();
            int before = manager.getManagedArrays().size();
            untrained.see(bias);
            assertThat(untrained.isLikely()).isTrue();
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }
}
