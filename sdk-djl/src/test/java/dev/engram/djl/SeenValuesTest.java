package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.Trainer;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A guard sees what it cannot train: frozen parameters, and statistics that every pass moves. */
class SeenValuesTest {

    private static final String MEAN = "02BatchNorm_runningMean";
    private static final String FROZEN = "01Linear_weight";

    @Test
    void frozenParametersAndRunningStatisticsAreSeenAsTheyStand() {
        Looking guard = new Looking();
        try (Model model = Model.newInstance("m", Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            model.setBlock(
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(3).build())
                            .add(BatchNorm.builder().build())
                            .add(Linear.builder().setUnits(2).build()));
            try (Trainer trainer = Points.trainer(model, listener)) {
                Parameter first = model.getBlock().getParameters().get(FROZEN);
                first.freeze(true);
                Points.fit(trainer, 0, 1);
                assertThat(guard.trained).isNotEmpty().doesNotContain(FROZEN, MEAN);
                assertThat(guard.frozen).isEqualTo(first.getArray().toFloatArray());
                // Each pass moves them.
                assertThat(guard.means.get(0)).isNotEqualTo(guard.means.get(1));
            }
        }
    }

    private static final class Looking implements ForgettingGuard {

        private final List<float[]> means = new ArrayList<>();
        private float[] frozen = {};
        private List<String> trained = List.of();

        @Override
        public String name() {
            return "looking";
        }

        @Override
        public void onStep(TrainingView training) {
            trained = training.parameters().stream().map(LiveParameter::name).toList();
            try (NDManager scratch = training.manager().newSubManager()) {
                Map<String, NDArray> seen = training.model().values(scratch);
                frozen = seen.get(FROZEN).toFloatArray();
                means.add(seen.get(MEAN).toFloatArray());
            }
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
