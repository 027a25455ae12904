package dev.engram.kit.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a teacher does where the model grows. */
class TeacherTest {

    private final NDManager manager = NDManager.newBaseManager();
    private final Teacher teacher = new Teacher("teacher");

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void ofAParameterThatHasGrownTheBeginIsFollowed() {
        teacher.take(model(1, 2), manager);
        teacher.follow(training(3, 6, 9), 0.5);
        assertThat(values()).containsExactly(new float[] {2, 4}, within(1e-6f));
    }

    @Test
    void whatAModelHasGrownByIsTakenAndTheRestStays() {
        teacher.take(model(1, 2), manager);
        teacher.grow(model(3, 6, 9), manager);
        assertThat(values()).containsExactly(1, 2, 9);
        teacher.grow(model(5, 5, 5), manager);
        assertThat(values()).containsExactly(1, 2, 9);
    }

    @Test
    void growingLeavesNoMoreArraysThanTheValues() {
        teacher.take(model(1, 2), manager);
        int before = manager.getManagedArrays().size();
        teacher.grow(model(3, 6, 9), manager);
        assertThat(teacher.values()).hasSize(1);
        assertThat(manager.getManagedArrays()).hasSize(before);
        assertThat(teacher.values().get("w").getManager().getManagedArrays()).hasSize(1);
    }

    private float[] values() {
        return teacher.values().get("w").toFloatArray();
    }

    private GuardedModel model(float... weights) {
        return view(
                GuardedModel.class,
                (method, arguments) -> {
                    NDArray copy = ((NDManager) arguments[0]).create(weights);
                    return Map.of("w", copy);
                });
    }

    private TrainingView training(float... weights) {
        NDArray now = manager.create(weights);
        LiveParameter parameter =
                view(LiveParameter.class, (method, arguments) -> method.equals("name") ? "w" : now);
        return view(TrainingView.class, (method, arguments) -> List.of(parameter));
    }

    private static <T> T view(Class<T> type, Answer answer) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> answer.to(method.getName(), arguments)));
    }

    /** Answers a call. */
    private interface Answer {

        Object to(String method, Object[] arguments);
    }
}
