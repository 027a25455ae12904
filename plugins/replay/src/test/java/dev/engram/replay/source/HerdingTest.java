package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * By hand: of unit vectors at 0, 45 and 90 degrees the mean is (0.569, 0.569). The one at 45
 * degrees is nearest to it; the pair of 45 and 0 degrees has its mean as near as that of 45 and 90,
 * and the first of equals is taken.
 */
class HerdingTest {

    private static final float[] FEATURES = {
        // Lengths differ on purpose: features are scaled to length 1.
        3, 0, 1, 1, 0, 5, -2, 0, -4, -4, 0, -1
    };
    private static final long[] CLASSES = {0, 0, 0, 1, 1, 1};

    @Test
    void theSampleNearestToTheMeanOfItsClassIsTheLastToLeave() {
        assertThat(kept(2)).containsExactlyInAnyOrder(1f, 1f, -4f, -4f);
    }

    @Test
    void theNextOneBringsTheMeanOfTheChosenNearest() {
        assertThat(kept(4)).containsExactlyInAnyOrder(1f, 1f, -4f, -4f, 3f, 0f, -2f, 0f);
    }

    private static Float[] kept(int samples) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer buffer =
                        ReplayBuffer.builder()
                                .optSelection(Selection.HERDING)
                                .optBudget(Budget.ofSamples(samples))
                                .build()) {
            buffer.onTaskEnd(new Finished(manager));
            ReplayedBatch drawn = buffer.draw(Task.named("next"), samples, manager).get(0);
            float[] values = drawn.data().head().toFloatArray();
            Float[] boxed = new Float[values.length];
            for (int i = 0; i < values.length; i++) {
                boxed[i] = values[i];
            }
            return boxed;
        }
    }

    private record Finished(NDManager scratch) implements FinishedTask {

        @Override
        public long sampleCount() {
            return CLASSES.length;
        }

        @Override
        public Iterable<SampleBatch> samples(int size) {
            NDArray data = scratch.create(FEATURES, new Shape(CLASSES.length, 2));
            NDArray labels = scratch.create(CLASSES);
            return List.of(new Whole(new NDList(data), new NDList(labels), scratch));
        }

        @Override
        public NDList predict(NDList inputs) {
            return inputs;
        }

        @Override
        public GradientCollector newGradientCollector() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Task task() {
            return Task.named("finished");
        }

        @Override
        public List<LiveParameter> parameters() {
            return List.of();
        }

        @Override
        public Loss loss() {
            return Loss.softmaxCrossEntropyLoss();
        }

        @Override
        public NDManager manager() {
            return scratch;
        }
    }

    private record Whole(NDList data, NDList labels, NDManager manager) implements SampleBatch {

        @Override
        public int size() {
            return CLASSES.length;
        }
    }
}
