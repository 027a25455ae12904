package dev.engram.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.SampleBatch;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which classes are probabilities among themselves. */
class ClassGroupsTest {

    private static final int OUTPUTS = 4;
    private static final float NEVER = -1e9f;

    private final NDManager manager = NDManager.newBaseManager();
    private final ClassGroups groups = new ClassGroups();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void tasksThatShareNoClassAreGroupsOfTheirOwn() {
        learn(0, 1, 0);
        learn(3);
        assertThat(groups.text()).isEqualTo("0,1;3");
        assertThat(masks(OUTPUTS))
                .containsExactly(
                        new float[] {0, 0, NEVER, NEVER}, new float[] {NEVER, NEVER, NEVER, 0});
    }

    @Test
    void aTaskThatSharesAClassWithTwoOthersJoinsThem() {
        learn(0, 1);
        learn(3);
        learn(1, 3);
        assertThat(groups.text()).isEqualTo("0,1,3");
        assertThat(masks(OUTPUTS)).containsExactly(new float[] {0, 0, NEVER, 0});
    }

    @Test
    void aGroupOfAllOutputsNeedsNoMaskUntilThereAreMore() {
        learn(0, 1, 2, 3);
        assertThat(masks(OUTPUTS)).isEmpty();
        assertThat(masks(OUTPUTS + 1)).containsExactly(new float[] {0, 0, 0, 0, NEVER});
    }

    @Test
    void masksAreMadeOnceAndAnewForMoreOutputsOrAnotherTask() {
        learn(0, 1);
        NDArray first = groups.masks(OUTPUTS, manager).get(0);
        assertThat(groups.masks(OUTPUTS, manager).get(0)).isSameAs(first);
        assertThat(masks(OUTPUTS + 1)).containsExactly(new float[] {0, 0, NEVER, NEVER, NEVER});
        assertThat(first.isReleased()).isTrue();
        learn(2);
        assertThat(masks(OUTPUTS)).hasSize(2);
    }

    @Test
    void labelsThatNameNoClassMakeAllOutputsOneGroupForGood() {
        learn(0, 1);
        learn(0.5f);
        assertThat(groups.text()).isEqualTo("all");
        assertThat(masks(OUTPUTS)).isEmpty();
        learn(2);
        assertThat(masks(OUTPUTS)).isEmpty();
    }

    @Test
    void soDoALabelWithoutAnOutputAndATaskWithoutSamples() {
        learn(OUTPUTS);
        assertThat(groups.text()).isEqualTo("all");
        ClassGroups others = new ClassGroups();
        others.add(task());
        assertThat(others.text()).isEqualTo("all");
    }

    @Test
    void theyComeBackAsTheyWereWritten() {
        for (String text : List.of("0,1;3", "all", "")) {
            ClassGroups read = new ClassGroups();
            read.read(text);
            assertThat(read.text()).isEqualTo(text);
        }
    }

    private List<float[]> masks(int outputs) {
        return groups.masks(outputs, manager).stream().map(NDArray::toFloatArray).toList();
    }

    private void learn(float... labels) {
        NDList data = new NDList(manager.zeros(new Shape(labels.length, 2)));
        NDList classes = new NDList(manager.create(labels));
        groups.add(
                task(
                        view(
                                SampleBatch.class,
                                Map.of("data", data, "labels", classes, "size", labels.length))));
    }

    private FinishedTask task(SampleBatch... batches) {
        NDList answers = new NDList(manager.zeros(new Shape(1, OUTPUTS)));
        GuardedModel model = view(GuardedModel.class, Map.of("predict", answers));
        return view(FinishedTask.class, Map.of("samples", List.of(batches), "model", model));
    }

    /** Returns one that answers these calls, and no other. */
    private static <T> T view(Class<T> type, Map<String, ?> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> answers.get(method.getName())));
    }
}
