package dev.engram.kit.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Blocks;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** At a step that is measured (2) and at one that is not (3). */
class JoinedTermTest {

    private Model model;
    private Trainer trainer;
    private NDManager manager;
    private NDArray weight;
    private NDArray batch;
    private int gradientsRead;

    @BeforeEach
    void open() {
        model = Model.newInstance("identity", Device.cpu(), "PyTorch");
        model.setBlock(Blocks.identityBlock());
        trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()));
        manager = model.getNDManager().newSubManager();
        weight = manager.create(new float[] {1, 2});
        batch = manager.create(new float[] {3, 4});
    }

    @AfterEach
    void close() {
        trainer.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3})
    void aTermOfWhatTrainsIsAddedToTheGradient(long step) {
        weight.setRequiresGradient(true);
        complete(step);
        assertThat(weight.getGradient().toFloatArray()).containsExactly(3, 4);
    }

    /** As of the features that frozen layers make. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3})
    void aTermOfFrozenParametersAddsNothing(long step) {
        NDArray head = manager.ones(batch.getShape());
        head.setRequiresGradient(true);
        JoinedTerm joined = complete(step, head);
        assertThat(head.getGradient().toFloatArray()).containsOnly(0);
        joined.read().ifPresent(e -> assertThat(e.gradientShare()).isZero());
    }

    /** The runtime measures what guards do to gradients, and a step is measured once. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3})
    void gradientsAreNotCopiedForAShareThatTheRuntimeMeasures(long step) {
        weight.setRequiresGradient(true);
        JoinedTerm joined = complete(step);
        assertThat(gradientsRead).isZero();
        assertThat(joined.read().map(GuardEffect::penalty))
                .isEqualTo(step == 2 ? Optional.of(11.0) : Optional.empty());
    }

    private JoinedTerm complete(long step) {
        return complete(step, weight);
    }

    private JoinedTerm complete(long step, NDArray trained) {
        JoinedTerm joined = new JoinedTerm((own, in, out, owner) -> weight.mul(in.head()).sum());
        StepBatch one = of(StepBatch.class, Map.of("data", () -> new NDList(batch)));
        LiveParameter live =
                of(
                        LiveParameter.class,
                        Map.of(
                                "gradient",
                                () -> {
                                    gradientsRead++;
                                    return trained.getGradient();
                                }));
        joined.complete(
                of(
                        StepView.class,
                        Map.of(
                                "step", () -> step,
                                "batches", () -> List.of(one),
                                "lossScale", () -> 1.0,
                                "parameters", () -> List.of(live),
                                "model", () -> of(GuardedModel.class, Map.of()),
                                "trainer", () -> trainer,
                                "manager", () -> manager,
                                "scratch", () -> manager)));
        return joined;
    }

    /** Returns what answers its calls by their names. */
    private static <T> T of(Class<T> type, Map<String, Supplier<?>> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) ->
                                answers.getOrDefault(method.getName(), () -> false).get()));
    }
}
