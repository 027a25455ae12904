package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sample that is not finite is never kept, whichever of its parts is not. */
class FiniteSamplesTest {

    private static final Task TASK = Task.named("task");
    private static final float[] BROKEN = {
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void onlyItsRowsAreLeftOut(int part) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer buffer = ReplayBuffer.builder().optPredictions(true).build()) {
            for (float broken : BROKEN) {
                buffer.observe(batch(manager, part, broken));
            }
            List<Integer> kept = new ArrayList<>();
            buffer.draw(Task.named("other"), 100, manager)
                    .forEach(
                            batch -> {
                                for (float id : batch.data().head().get(":,0").toFloatArray()) {
                                    kept.add((int) id);
                                }
                            });
            assertThat(kept).hasSize(9).containsOnly(0, 1, 3);
        }
    }

    /** Four samples of which the third is broken in one part. */
    private static ObservedBatch batch(NDManager manager, int part, float broken) {
        List<NDArray> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            float[] values = {0, 1, 1, 1, 2, i == part ? broken : 1, 3, 1};
            parts.add(manager.create(values, new Shape(4, 2)));
        }
        return ObservedBatch.of(
                TASK,
                new NDList(parts.get(0)),
                new NDList(parts.get(1)),
                new NDList(parts.get(2)),
                Collections.nCopies(4, ""));
    }
}
