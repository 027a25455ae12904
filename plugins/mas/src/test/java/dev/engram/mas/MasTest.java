package dev.engram.mas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import dev.engram.api.spi.Role;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasTest {

    private static final Map<String, ?> STRONG = Map.of("lambda", 10, "samples", 200);

    @TempDir private Path memory;

    @Test
    void theOldTaskStaysWhereTheUnguardedControlForgetsIt() {
        double control;
        float[] unguarded;
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 10, Toy.adam());
            Toy.fit(model, 1, 40, Toy.adam());
            control = Toy.accuracy(model, 0);
            unguarded = weights(model);
        }
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(STRONG)) {
            Toy.fit(model, 0, 10, Toy.adam(), listener);
            Toy.fit(model, 1, 40, Toy.adam(), listener);
            assertThat(weights(model)).isNotEqualTo(unguarded);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(control + 0.1);
            assertThat(listener.effect("mas").orElseThrow().penalty()).isPositive();
        }
    }

    @Test
    void aBaseModelIsProtectedByUnlabelledDataAlone() {
        double control;
        try (Model base = Toy.model(Toy.mlp())) {
            Toy.fit(base, 0, 10, Toy.adam());
            Toy.fit(base, 1, 40, Toy.adam());
            control = Toy.accuracy(base, 0);
        }
        try (Model base = Toy.model(Toy.mlp())) {
            Toy.fit(base, 0, 10, Toy.adam());
            try (ForgettingListener first = remembering()) {
                first.remember(base, unlabelled(base));
            }
            // What was learnt without labels must also come back from its directory.
            try (ForgettingListener second = remembering()) {
                assertThat(second.tasks()).extracting(LearntTask::name).containsExactly("task-1");
                Toy.fit(base, 1, 40, Toy.adam(), second);
                assertThat(Toy.accuracy(base, 0)).isGreaterThan(control + 0.1);
            }
        }
    }

    @Test
    void aThousandGuardedStepsLeaveTheNumberOfLiveArraysUnchanged() throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(STRONG)) {
            Toy.fit(model, 0, 2, Toy.adam(), listener);
            try (Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                // The kept sample must be full: until then it may grow.
                steps(trainer, model, 200);
                int before = LiveArrays.count();
                steps(trainer, model, 1000);
                assertThat(LiveArrays.count()).isEqualTo(before);
            }
        }
    }

    @Test
    void aTorchScriptModelIsGuarded() {
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener(STRONG)) {
            Toy.fit(model, 0, 3, Toy.adam(), listener);
            Toy.fit(model, 1, 3, Toy.adam(), listener);
            assertThat(listener.effect("mas").orElseThrow().penalty()).isPositive();
        }
    }

    @Test
    void itStandsBesideOtherPenaltiesAndRefusesWrongSettings() {
        MasProvider provider = new MasProvider();
        assertThat(provider.roles()).contains(Role.PENALTY);
        assertThat(provider.excludedRoles()).doesNotContain(Role.PENALTY);
        assertThatThrownBy(() -> listener(Map.of("samples", 0, "gamma", 2)))
                .hasMessageContaining("2 problems")
                .hasMessageContaining("samples = \"0\"");
    }

    private static ArrayDataset unlabelled(Model model) {
        return new ArrayDataset.Builder()
                .setData(Toy.features(model.getNDManager(), 0, 256))
                .setSampling(32, false)
                .build();
    }

    private ForgettingListener remembering() {
        return ForgettingListener.builder().addStrategy("mas", STRONG).optMemory(memory).build();
    }

    private static ForgettingListener listener(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("mas", settings).build();
    }

    private static float[] weights(Model model) {
        return model.getBlock().getParameters().valueAt(0).getArray().toFloatArray();
    }

    private static void steps(Trainer trainer, Model model, int steps) throws Exception {
        int done = 0;
        try (NDManager data = model.getNDManager().newSubManager()) {
            while (done < steps) {
                for (Batch batch : Toy.dataset(data, 1, 512).getData(data)) {
                    if (done++ < steps) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                    batch.close();
                }
            }
        }
    }
}
