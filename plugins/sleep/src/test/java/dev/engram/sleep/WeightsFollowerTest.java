package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.sleep.internal.weights.Followed;
import dev.engram.sleep.internal.weights.LeftWeights;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsFollowerTest {

    private static final String WEIGHT = "01Linear_weight";

    @TempDir private Path folder;
    private final Model model = SmallTasks.model();
    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        model.close();
        manager.close();
    }

    @Test
    void theAverageIsTheMeanOfWhatEachTrainingLeft() {
        NDArray sum = null;
        for (int task = 0; task < 3; task++) {
            SmallTasks.fit(model, task, 1, WeightsFollower.in(folder));
            NDArray left = weight();
            sum = sum == null ? left : sum.add(left);
        }
        assertThat(followed("average").sub(sum.div(3)).abs().max().getFloat())
                .isCloseTo(0, within(1e-6f));
    }

    @Test
    void theMovingAverageLiesBetweenWhereATrainingBeganAndWhereItEnded() {
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder));
        NDArray begin = followed("ema");
        SmallTasks.fit(model, 1, 5, WeightsFollower.in(folder, 0.99));
        NDArray ema = followed("ema");
        NDArray end = weight();
        float all = end.sub(begin).norm().getFloat();
        assertThat(ema.sub(begin).norm().getFloat()).isPositive().isLessThan(all);
        assertThat(ema.sub(end).norm().getFloat()).isPositive().isLessThan(all);
    }

    @Test
    void aTrainingThatDivergedLeavesTheAveragesAsTheyWere() throws Exception {
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder));
        byte[] before = Files.readAllBytes(folder.resolve("followed.safetensors"));
        model.getBlock().getParameters().valueAt(0).getArray().set(new float[256]);
        try (NDArray handle =
                model.getBlock().getParameters().valueAt(0).getArray().stopGradient()) {
            handle.muli(Float.NaN);
        }
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder));
        assertThat(Files.readAllBytes(folder.resolve("followed.safetensors"))).isEqualTo(before);
    }

    @Test
    void keepsWhatTheLastTrainingsLeft() {
        NDArray second = null;
        for (int task = 0; task < 3; task++) {
            SmallTasks.fit(model, task, 1, WeightsFollower.in(folder).keeping(2));
            second = task == 1 ? weight() : second;
        }
        LeftWeights left = new LeftWeights(folder);
        assertThat(left.numbers()).containsExactly(2, 3);
        assertThat(left.read(2, manager).orElseThrow().get(WEIGHT)).isEqualTo(second);
        assertThat(left.read(3, manager).orElseThrow().get(WEIGHT)).isEqualTo(weight());
    }

    @Test
    void withoutBeingToldKeepsNothingButTheAverages() {
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder));
        assertThat(new LeftWeights(folder).numbers()).isEmpty();
    }

    @Test
    void whatIsDamagedTeachesNothing() throws Exception {
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder).keeping(1));
        Files.write(folder.resolve("left-1.safetensors"), new byte[] {1, 2, 3});
        assertThat(new LeftWeights(folder).read(1, manager)).isEmpty();
    }

    @Test
    void leavesNoArrayBehind() {
        SmallTasks.fit(model, 0, 1);
        int arrays = LiveArrays.count();
        SmallTasks.fit(model, 0, 1);
        int without = LiveArrays.count() - arrays;
        arrays = LiveArrays.count();
        SmallTasks.fit(model, 0, 1, WeightsFollower.in(folder));
        assertThat(LiveArrays.count() - arrays).isEqualTo(without);
    }

    @Test
    void saysWhatADecayIs() {
        assertThatThrownBy(() -> WeightsFollower.in(folder, 1))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("above 0 and below 1");
        assertThatThrownBy(() -> WeightsFollower.in(folder).keeping(0))
                .hasMessageContaining("keeping(0): give 1 or more");
    }

    private NDArray weight() {
        return new ModelWeights(model.getBlock()).copy(manager).get(WEIGHT);
    }

    private NDArray followed(String name) {
        Map<String, Map<String, NDArray>> found =
                Followed.of(folder, new ModelWeights(model.getBlock()), manager);
        return found.get(name).get(WEIGHT);
    }
}
