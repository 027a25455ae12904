package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.WeightLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraMathTest {

    private static final float RATE = 0.1f;

    @ParameterizedTest
    @EnumSource(
            value = Bases.class,
            names = {"CNN", "TORCH_SCRIPT"})
    void theFirstStepMovesBByTheGradientTimesA(Bases kind) throws Exception {
        String path = kind == Bases.TORCH_SCRIPT ? "query.weight" : "06Linear_weight";
        try (Model model = kind.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy(
                                        "lora",
                                        Map.of("rank", 2, "alpha", 6, "targets", path, "owned", ""))
                                .build()) {
            NDArray gradient = gradient(kind, model, path, manager);
            try (Trainer trainer = trainer(model, RATE, memory)) {
                EasyTrain.trainBatch(trainer, batch(kind, manager));
                trainer.step();
                memory.endTask();
            }
            Map<String, NDArray> own = memory.tasks(model).tensors("task-1", manager);
            // B was zero, so that dA = s BᵀG = 0 and dB = s G Aᵀ, with s = 6/2.
            NDArray wanted = gradient.matMul(own.get(path + "/lora_A").transpose()).mul(-RATE * 3);
            float[] found = own.get(path + "/lora_B").toFloatArray();
            float[] byHand = wanted.toFloatArray();
            assertThat(own.get(path + "/lora_B").abs().max().getFloat()).isGreaterThan(1e-5f);
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i]).isCloseTo(byHand[i], within(1e-5f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "ia3", "o-lora", "dora"})
    void beforeItsFirstStepATaskIsTheBase(String strategy) {
        Bases kind = Bases.TORCH_SCRIPT;
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            float[] plain = kind.outputs(model, model.getBlock(), 0);
            try (NDManager manager = model.getNDManager().newSubManager();
                    // A step at learning rate zero leaves a task as it was created.
                    Trainer trainer = trainer(model, 0, memory)) {
                EasyTrain.trainBatch(trainer, batch(kind, manager));
                trainer.step();
                memory.endTask();
            }
            float[] found = kind.outputs(model, memory.tasks(model).handle("task-1").block(), 0);
            float allowed = strategy.equals("dora") ? 1e-5f : 0;
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i]).isCloseTo(plain[i], within(allowed));
            }
        }
    }

    @Test
    void aMagnitudeAndADirectionMakeTheWeight() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = manager.create(new float[] {3, 4, 0, 2}, new Shape(2, 2));
            DecomposedUpdate overlay =
                    new DecomposedUpdate(
                            weight,
                            new LowRankUpdate(
                                    manager.create(new float[] {1, 1}, new Shape(1, 2)),
                                    manager.create(new float[] {1, -1}, new Shape(2, 1)),
                                    2),
                            WeightLayout.OUTPUT_FIRST,
                            manager);
            NDArray value = overlay.value(weight, values(manager));
            // V = W + 2·B·A = [[5, 6], [-2, 0]]; the norms of W are 5 and 2.
            float first = (float) (5 / Math.sqrt(61));
            assertThat(value.toFloatArray()).containsExactly(5 * first, 6 * first, -2, 0);
        }
    }

    @Test
    void ia3ScalesOutputsWithTheirBiasAndInputsWithout() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
            Parameter factors =
                    dev.engram.kit.overlay.OwnParameters.trained(
                            "l", manager.create(new float[] {2, 10}));
            Rescaling outputs = new Rescaling(factors, true, false, WeightLayout.OUTPUT_FIRST);
            Rescaling inputs = new Rescaling(factors, true, true, WeightLayout.OUTPUT_FIRST);
            assertThat(outputs.value(weight, values(manager)).toFloatArray())
                    .containsExactly(2, 4, 30, 40);
            assertThat(inputs.value(weight, values(manager)).toFloatArray())
                    .containsExactly(2, 20, 6, 40);
            NDArray bias = manager.create(new float[] {1, 1});
            assertThat(outputs.ofBias().value(bias, values(manager)).toFloatArray())
                    .containsExactly(2, 10);
        }
    }

    @Test
    void rankStabilisedScalingDividesByTheRoot() {
        assertThat(settings(false).scale()).isEqualTo(4f);
        assertThat(settings(true).scale()).isEqualTo(8f);
    }

    @Test
    void theOrthogonalPenaltyKeepsASecondTaskOutOfTheFirstOnesSubspace() {
        double with = overlap("10");
        double without = overlap("0");
        assertThat(with).isLessThan(without / 4);
    }

    @Test
    void aTargetThatMatchesNothingIsRefusedWithWhatCouldMatch() {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy(
                                        "lora",
                                        Map.of("targets", "q_proj, valueProjection,type:Lnear"))
                                .build()) {
            assertThatThrownBy(() -> kind.fit(model, 0, 1, memory))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("\"q_proj\" matches nothing")
                    .hasMessageContaining("\"type:Lnear\" matches nothing")
                    .hasMessageContaining("queryProjection_weight (type:Linear)");
        }
    }

    private static double overlap(String strength) {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy("o-lora", Map.of("orthogonality", strength))
                                .build()) {
            kind.fit(model, 0, 4, memory);
            kind.fit(model, 1, 4, memory);
            Map<String, NDArray> own = memory.tasks(model).tensors("task-2", manager);
            double sum = 0;
            for (Map.Entry<String, NDArray> entry : own.entrySet()) {
                if (entry.getKey().endsWith("/lora_A")) {
                    String earlier = entry.getKey().replace("lora_A", "earlier_A");
                    NDArray shared = entry.getValue().matMul(own.get(earlier).transpose());
                    sum += shared.square().sum().getFloat();
                }
            }
            return sum;
        }
    }

    private static LoraSettings settings(boolean isRankStabilised) {
        return new LoraSettings(
                LoraVariant.LORA, 4, 16, isRankStabilised, 0, "auto", "auto", "", 0, false);
    }

    private static dev.engram.kit.overlay.PassValues values(NDManager manager) {
        return new dev.engram.kit.overlay.PassValues(
                new ParameterStore(manager, false), manager, manager.getDevice(), false);
    }

    private static NDArray gradient(Bases kind, Model model, String path, NDManager manager) {
        try (Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(sgd(0)))) {
            trainer.initialize(kind.batch());
            Batch batch = batch(kind, manager);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                collector.backward(
                        trainer.getLoss()
                                .evaluate(batch.getLabels(), trainer.forward(batch.getData())));
            }
            NDArray array = model.getBlock().getParameters().get(path).getArray();
            NDArray copy = array.getGradient().duplicate();
            copy.attach(manager);
            array.getGradient().muli(0);
            return copy;
        }
    }

    private static Batch batch(Bases kind, NDManager manager) {
        try {
            return kind.dataset(manager, 0, Bases.BATCH).getData(manager).iterator().next();
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static Trainer trainer(Model model, float rate, ForgettingListener memory) {
        return model.newTrainer(
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(sgd(rate))
                        .addTrainingListeners(memory));
    }

    private static Optimizer sgd(float rate) {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build();
    }
}
