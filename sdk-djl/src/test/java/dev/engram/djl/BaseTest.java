package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import dev.engram.kit.penalty.Scale;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model could do before the listener saw it is protected, or said not to be. */
class BaseTest {

    private static final String SAID = "what it can do now is NOT protected";

    @TempDir private Path memory;
    private Model base;
    private NDManager copies;

    @BeforeEach
    void pretrain() {
        base = Points.model(1);
        Points.fit(base, 0);
        copies = base.getNDManager().newSubManager();
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void aBaseThatIsNotProtectedIsSaidBeforeTheFirstStepWithTheCallsThatHelp() {
        try (ForgettingListener listener = builder().build()) {
            String said = Points.said(() -> Points.trainer(base, listener).close());
            assertThat(said)
                    .contains(SAID)
                    .contains("remember(model, dataset)")
                    .contains("optBase(Base.PROTECT)")
                    .contains("optMemory")
                    .contains("Base.IGNORE");
        }
    }

    @Test
    void nothingIsSaidOfABaseThatMayBeForgotten() {
        try (ForgettingListener listener = builder().optBase(Base.IGNORE).build()) {
            assertThat(Points.said(() -> Points.fit(base, 1, listener))).doesNotContain(SAID);
        }
    }

    @Test
    void nothingIsSaidOfABaseThatWasRememberedNorOfAModelThatBeginsHere() {
        try (ForgettingListener listener = builder().build()) {
            listener.remember(base);
            assertThat(Points.said(() -> Points.fit(base, 1, listener))).doesNotContain(SAID);
        }
        try (Model fresh = Points.model(2);
                ForgettingListener listener = builder().build()) {
            String said =
                    Points.said(
                            () -> {
                                Points.trainer(fresh, listener).close();
                                Points.fit(fresh, 0, listener);
                                Points.fit(fresh, 1, listener);
                            });
            assertThat(said).doesNotContain(SAID);
        }
    }

    @Test
    void ofAModelThatMayNeverHaveBeenTrainedThatIsSaidAndItIsProtectedAllTheSame() {
        String untrained = "all its biases are zero, as initializers leave them";
        try (ForgettingListener listener = builder().build()) {
            assertThat(Points.said(() -> Points.trainer(base, listener).close()))
                    .contains(SAID)
                    .doesNotContain(untrained);
        }
        try (Model fresh = Points.model(2)) {
            Points.trainer(fresh).close();
            try (ForgettingListener listener = builder().build()) {
                assertThat(Points.said(() -> Points.trainer(fresh, listener).close()))
                        .contains(SAID)
                        .contains("Base.IGNORE): " + untrained);
            }
            try (ForgettingListener listener = builder().optBase(Base.PROTECT).build()) {
                assertThat(Points.said(() -> Points.fit(fresh, 0, listener)))
                        .contains("leave the option out")
                        .contains(untrained);
                assertThat(listener.tasks()).hasSize(2);
            }
        }
    }

    @Test
    void aBaseWhoseWeightsAreNotFiniteIsToldBeforeTheFirstStep() {
        Parameter weight = base.getBlock().getParameters().get("01Linear_weight");
        try (NDArray value = weight.getArray().stopGradient()) {
            value.muli(Float.NaN);
        }
        for (Base asked : Base.values()) {
            try (ForgettingListener listener = builder().optBase(asked).build()) {
                assertThatThrownBy(() -> Points.fit(base, 1, listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("weights are not finite (NaN or infinite) before")
                        .hasMessageContaining("01Linear_weight");
            }
        }
    }

    @Test
    void howFirmlyABaseIsHeldIsANumberAndNeedsABaseToHold() {
        for (double wrong : new double[] {0, -1, 101, Double.NaN, Double.POSITIVE_INFINITY}) {
            var builder = builder().optBase(Base.PROTECT).optBaseStrength(wrong);
            assertThatThrownBy(builder::check)
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("optBaseStrength(" + wrong + "): give a number above 0");
        }
        assertThatThrownBy(builder().optBaseStrength(2)::build)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("optBaseStrength(2.0)")
                .hasMessageContaining("optBase(Base.PROTECT)");
    }

    @Test
    void anotherListenerForEachTaskIsToldToKeepOne() {
        try (ForgettingListener first = builder().build()) {
            Points.fit(base, 1, first);
        }
        try (ForgettingListener second = builder().build()) {
            assertThat(Points.said(() -> Points.fit(base, 2, second)))
                    .contains("earlier listener guarded it, use that one");
        }
    }

    @Test
    void aProtectedBaseIsInTheMemoryOfTheNextProcess() {
        try (ForgettingListener listener =
                builder().optBase(Base.PROTECT).optMemory(memory).build()) {
            Points.fit(base, 1, listener);
        }
        try (ForgettingListener next = builder().optBase(Base.PROTECT).optMemory(memory).build()) {
            assertThat(next.tasks()).hasSize(2);
            Points.fit(base, 2, next);
            assertThat(next.tasks())
                    .extracting(LearntTask::name)
                    .containsExactly("base", "task-1", "task-2");
        }
    }

    @Test
    void aNewHeadIsFreeWhileTheBaseUnderItIsHeld() {
        Map<String, NDArray> values = values(base);
        float[] before = answers();
        double control = newHead();
        double changed = changed(before);
        setBack(values);
        try (ForgettingListener listener = builder().optBase(Base.PROTECT).build()) {
            assertThat(newHead(listener)).isGreaterThan(control / 2);
            assertThat(changed(before)).isLessThan(changed / 2);
        }
    }

    /** Trains the base with a head upon it and returns how far the head moved. */
    private double newHead(TrainingListener... listeners) {
        try (Model model = Model.newInstance("transfer")) {
            model.setBlock(
                    new SequentialBlock()
                            .add(base.getBlock())
                            .add(Linear.builder().setUnits(2).build()));
            Engine.getInstance().setRandomSeed(5);
            try (Trainer trainer = Points.trainer(model, listeners)) {
                NDArray head = model.getBlock().getParameters().get("02Linear_weight").getArray();
                NDArray begin = head.stopGradient().duplicate();
                Points.fit(trainer, 1, 10);
                NDArray way = head.stopGradient().sub(begin);
                return Math.sqrt(way.square().sum().getFloat());
            }
        }
    }

    @Test
    void whatCannotProtectABaseWithoutDataIsRefusedByNameBeforeTheFirstStep() {
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addGuard(new Recorder())
                        .optBase(Base.PROTECT)
                        .build()) {
            assertThatThrownBy(() -> newHead(listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("a part of the model is new")
                    .hasMessageContaining("recorder")
                    .hasMessageContaining("ewc-online")
                    .hasMessageContaining("remember(model, dataset)");
        }
    }

    @Test
    void whatIsNullIsRefusedByTheCallThatTookIt() {
        var builder = ForgettingListener.builder();
        assertThatThrownBy(() -> builder.addStrategy(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("addStrategy(null)");
        assertThatThrownBy(() -> builder.addGuard(null)).hasMessageContaining("addGuard(null)");
        assertThatThrownBy(() -> builder.optMemory(null)).hasMessageContaining("optMemory(null)");
    }

    private ForgettingListener.Builder builder() {
        return ForgettingListener.builder()
                .addGuard(
                        QuadraticPenaltyGuard.builder()
                                .setImportance(new Ones())
                                .optScale(Scale.NORMALISED)
                                .optBaseLambda(10)
                                .build());
    }

    private Map<String, NDArray> values(Model model) {
        Map<String, NDArray> values = new HashMap<>();
        for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
            try (NDArray value = entry.getValue().getArray().stopGradient()) {
                NDArray copy = value.add(0);
                copy.attach(copies);
                values.put(entry.getKey(), copy);
            }
        }
        return values;
    }

    private void setBack(Map<String, NDArray> values) {
        for (Pair<String, Parameter> entry : base.getBlock().getParameters()) {
            try (NDArray value = entry.getValue().getArray().stopGradient()) {
                value.subi(value);
                value.addi(values.get(entry.getKey()));
            }
        }
    }

    private float[] answers() {
        try (NDManager manager = base.getNDManager().newSubManager()) {
            Engine.getInstance().setRandomSeed(9);
            NDList inputs = new NDList(Points.inputs(manager, 0, 16));
            ParameterStore store = new ParameterStore(manager, false);
            return base.getBlock().forward(store, inputs, false).head().toFloatArray();
        }
    }

    /** Returns how far the answers of the base are from earlier ones. */
    private double changed(float[] before) {
        float[] now = answers();
        double sum = 0;
        for (int i = 0; i < now.length; i++) {
            sum += Math.pow(now[i] - before[i], 2);
        }
        return Math.sqrt(sum);
    }

    private static final class Ones implements ImportanceEstimator {

        @Override
        public Map<String, NDArray> estimate(FinishedTask task) {
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
    }
}
