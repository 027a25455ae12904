package dev.engram.djl.internal.parameters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import dev.engram.api.guard.LiveParameter;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveParametersTest {

    /** Whoever looks for the last layer from the end would take a frozen base for it. */
    @Test
    void frozenOnesStandWhereTheBlockHasThem() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Linear base = Linear.builder().setUnits(3).build();
            Block block = new SequentialBlock().add(base).add(Linear.builder().setUnits(2).build());
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
            base.freezeParameters(true);
            ParameterStore store = new ParameterStore(manager, false);
            List<LiveParameter> live = LiveParameters.withFrozen(block, store, Device.cpu());
            assertThat(live)
                    .extracting(LiveParameter::name)
                    .containsExactlyElementsOf(block.getParameters().keys());
            LiveParameters.release(live);
        }
    }
}
