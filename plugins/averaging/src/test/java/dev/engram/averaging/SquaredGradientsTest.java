package dev.engram.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SquaredGradientsTest {

    /** Gradients (1, 2) of one task and (1, 2, 3) of the next: shares 1/2, 1/2 and all of it. */
    @Test
    void ofWhatHasGrownTheOldBeginKeepsWhatEarlierTasksLookedAt() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SquaredGradients importance = new SquaredGradients();
            learn(importance, manager, 1, 2);
            try (NDManager scratch = manager.newSubManager()) {
                begin(importance, manager, 1, 2, 3);
                assertThat(importance.shares(scratch).get("w").toFloatArray())
                        .containsExactly(new float[] {0.5f, 0.5f, 1}, within(1e-6f));
            }
            importance.end(view(TrainingView.class, Map.of("manager", manager)));
            begin(importance, manager, 1, 2, 3);
            try (NDManager scratch = manager.newSubManager()) {
                assertThat(importance.shares(scratch).get("w").toFloatArray())
                        .containsExactly(new float[] {1 / 3f, 1 / 3f, 0.5f}, within(1e-6f));
            }
        }
    }

    @Test
    void whatIsReplacedIsClosed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SquaredGradients importance = new SquaredGradients();
            learn(importance, manager, 1, 2);
            int before = arrays(manager);
            learn(importance, manager, 1, 2, 3);
            learn(importance, manager, 4);
            assertThat(arrays(manager)).isEqualTo(before);
        }
    }

    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    private static void learn(SquaredGradients importance, NDManager manager, float... gradient) {
        begin(importance, manager, gradient);
        importance.end(view(TrainingView.class, Map.of("manager", manager)));
    }

    private static void begin(SquaredGradients importance, NDManager manager, float... gradient) {
        importance.begin(view(TrainingView.class, Map.of("manager", manager)));
        NDArray array = manager.create(gradient);
        LiveParameter parameter = view(LiveParameter.class, Map.of("name", "w", "gradient", array));
        importance.add(view(StepView.class, Map.of("parameters", List.of(parameter))));
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
