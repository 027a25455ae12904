package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever call into a plug-in fails, the error names the plug-in, its jar and the call. */
class PluginCallsTest {

    private static final Map<String, String> CALLS =
            Map.ofEntries(
                    Map.entry("name", "in name()"),
                    Map.entry("create", "in create(...)"),
                    Map.entry("parameters", "in parameters() of a task"),
                    Map.entry("settings", "in settings()"),
                    Map.entry("forward", "in forward(...) of a task"),
                    Map.entry("onGradient", "after the backward pass of step 1"),
                    Map.entry("onBackward", "after the backward pass of step 1"),
                    Map.entry("uninstall", "in uninstall(...)"),
                    Map.entry("withBase", "in withBase(...)"),
                    Map.entry("forwardBase", "in forwardBase(...)"),
                    Map.entry("combine", "in combine(...)"),
                    Map.entry("closeTask", "in close() of a task"),
                    Map.entry("merged", "in merged(...) of a task"),
                    Map.entry("close", "in close()"));

    private Model model;

    @BeforeEach
    void pretrain() {
        model = Points.model(1);
        Points.fit(model, 0);
    }

    @AfterEach
    void close() {
        model.close();
    }

    static Stream<Arguments> failures() {
        return CALLS.keySet().stream()
                .sorted()
                .flatMap(
                        call ->
                                Stream.of(
                                        Arguments.of(call, new IllegalStateException("broken")),
                                        Arguments.of(call, new NoSuchMethodError("broken"))));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void anIsolationIsNamedWithClassJarAndCall(String call, Throwable error) {
        FakeIsolation isolation = new FakeIsolation();
        isolation.failsIn = call;
        isolation.with = error;
        assertThatThrownBy(() -> useAll(isolation))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(call.equals("name") ? "FakeIsolation" : "\"fake\"")
                .hasMessageContaining("failed " + CALLS.get(call))
                .hasMessageContaining("broken")
                .hasMessageContaining("FakeIsolation in file:")
                .hasRootCause(error);
    }

    @Test
    void theWordsOfAnIsolationBearItsName() {
        FakeIsolation isolation = new FakeIsolation();
        isolation.failsIn = "create";
        isolation.with = new EngramException("This model is too small");
        assertThatThrownBy(() -> useAll(isolation))
                .hasMessage("Isolation \"fake\": This model is too small");
    }

    @Test
    void whatTheUsersBlockThrowsIsNoErrorOfTheIsolation() {
        try (ForgettingListener listener = listener(new FakeIsolation())) {
            Points.fit(model, 0, listener);
            TaskRegistry tasks = listener.tasks(model);
            NDList wrong = new NDList(model.getNDManager().ones(new Shape(2, 9)));
            assertThatThrownBy(() -> tasks.handle("task-1").predict(wrong))
                    .isNotInstanceOf(EngramException.class);
            assertThatThrownBy(() -> tasks.base().predict(wrong))
                    .isNotInstanceOf(EngramException.class);
            IllegalStateException mine = new IllegalStateException("mine");
            assertThatThrownBy(
                            () ->
                                    tasks.read(
                                            "task-1",
                                            (base, task) -> {
                                                throw mine;
                                            }))
                    .isSameAs(mine);
        }
    }

    private void useAll(FakeIsolation isolation) {
        NDList inputs = new NDList(model.getNDManager().ones(new Shape(2, 4)));
        try (ForgettingListener listener = listener(isolation)) {
            Points.fit(model, 0, listener);
            TaskRegistry tasks = listener.tasks(model);
            tasks.base().predict(inputs);
            tasks.combine("sum", Map.of("task-1", 1.0));
            tasks.unload("sum");
            tasks.merge("task-1", inputs, 1e-3);
        }
    }

    private static ForgettingListener listener(FakeIsolation isolation) {
        return ForgettingListener.builder().addIsolation(isolation).build();
    }

    static Stream<Arguments> estimatorFailures() {
        return Stream.of(
                        "needsSamples",
                        "onTaskBegin",
                        "onBackward",
                        "onStep",
                        "onEpoch",
                        "estimate",
                        "close")
                .map(call -> Arguments.of(call));
    }

    @ParameterizedTest
    @MethodSource("estimatorFailures")
    void anEstimatorIsNamedBehindTheGuardThatItDrives(String call) {
        Estimator estimator = new Estimator(call);
        assertThatThrownBy(
                        () -> {
                            try (ForgettingListener listener =
                                    ForgettingListener.builder()
                                            .addGuard(
                                                    QuadraticPenaltyGuard.builder()
                                                            .setImportance(estimator)
                                                            .build())
                                            .build()) {
                                Points.fit(model, 0, listener);
                            }
                        })
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Importance estimator \"Estimator\" failed in " + call)
                .hasMessageContaining("Estimator in file:")
                .hasMessageContaining("versions that do not fit")
                .hasRootCauseInstanceOf(NoSuchMethodError.class);
    }

    @Test
    void anEstimatorThatReturnsNothingIsNamed() {
        Estimator estimator =
                new Estimator("") {
                    @Override
                    public Map<String, NDArray> estimate(FinishedTask task) {
                        return null;
                    }
                };
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addGuard(QuadraticPenaltyGuard.builder().setImportance(estimator).build())
                        .build()) {
            assertThatThrownBy(() -> Points.fit(model, 0, listener))
                    .hasMessageContaining("failed in estimate(...): it returned null");
            assertThat(listener.tasks()).isEmpty();
        }
    }

    private static class Estimator implements ImportanceEstimator {

        private final String failing;

        Estimator(String failing) {
            this.failing = failing;
        }

        private void at(String call) {
            if (call.equals(failing)) {
                throw new NoSuchMethodError("dev.engram.api.Gone.gone()");
            }
        }

        @Override
        public boolean needsSamples() {
            at("needsSamples");
            return false;
        }

        @Override
        public void onTaskBegin(TrainingView training) {
            at("onTaskBegin");
        }

        @Override
        public void onBackward(StepView step) {
            at("onBackward");
        }

        @Override
        public void onStep(TrainingView training) {
            at("onStep");
        }

        @Override
        public void onEpoch(TrainingView training) {
            at("onEpoch");
        }

        @Override
        public Map<String, NDArray> estimate(FinishedTask task) {
            at("estimate");
            Map<String, NDArray> ones = new HashMap<>();
            task.parameters()
                    .forEach(
                            parameter -> {
                                NDArray one = parameter.value().onesLike();
                                one.attach(task.scratch());
                                ones.put(parameter.name(), one);
                            });
            return ones;
        }

        @Override
        public void close() {
            at("close");
        }
    }
}
