package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.djl.internal.history.Fingerprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documented way to give a head more classes draws no warning. */
class GrownHeadTest {

    private static final String WARNING = "other weights";

    @TempDir private Path memory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeadWithTheOldRowsInFrontIsTheSameModel(boolean inOneProcess) {
        ForgettingListener listener = listener();
        try (Model old = Points.model(1)) {
            Points.fit(old, 0, listener);
            if (!inOneProcess) {
                listener.close();
                listener = listener();
            }
            try (Model grown = grown(old, 1)) {
                assertThat(saidOfNext(grown, listener)).doesNotContain(WARNING);
                // From now on it is the model that the memory is about, with all its rows.
                assertThat(saidOfNext(grown, listener)).doesNotContain(WARNING);
            }
        } finally {
            listener.close();
        }
    }

    @Test
    void oneWhoseOldRowsWereChangedIsSaidToBeAnother() {
        try (ForgettingListener listener = listener();
                Model old = Points.model(1)) {
            Points.fit(old, 0, listener);
            try (Model other = grown(old, 1.01f)) {
                assertThat(saidOfNext(other, listener)).contains(WARNING);
            }
        }
    }

    @Test
    void theOldRowsAreFoundInFrontOfTheNewOnes() {
        try (Model old = Points.model(1)) {
            Points.fit(old, 0);
            Fingerprint before = Fingerprint.of(old.getBlock());
            List<String> head = List.of("03Linear_weight", "03Linear_bias");
            try (Model grown = grown(old, 1)) {
                assertThat(before.grown(grown.getBlock(), head))
                        .isEqualTo(Map.of("03Linear_weight", 2L, "03Linear_bias", 2L));
            }
            try (Model other = grown(old, 1.01f)) {
                assertThat(before.grown(other.getBlock(), head)).isEmpty();
            }
        }
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addGuard(new Recorder()).optMemory(memory).build();
    }

    private static String saidOfNext(Model model, ForgettingListener listener) {
        return Points.said(() -> Points.fit(model, 1, listener));
    }

    private static Model grown(Model old, float scale) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(4).build());
        Model grown = Model.newInstance("grown", Device.cpu());
        grown.setBlock(block);
        block.initialize(grown.getNDManager(), DataType.FLOAT32, new Shape(Points.BATCH, 4));
        for (int i = 0; i < 4; i++) {
            NDArray from = old.getBlock().getParameters().valueAt(i).getArray();
            NDArray to = block.getParameters().valueAt(i).getArray();
            to.set(new NDIndex("0:" + from.getShape().get(0)), from.mul(scale));
        }
        return grown;
    }
}
