package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A TorchScript base with BatchNorm and dropout is held by its answers in evaluation mode, at each
 * step: the loop's own passes put it back into training mode in between.
 */
class ProtectedScriptTest {

    private static final int FEATURES = 8;

    /** The weights stay as they are, so that statistics alone can change the answers. */
    private static final float STANDING = 0;

    @Test
    void thePassesThatHoldItsAnswersMoveNoStatistics() throws Exception {
        float[] unguarded = answersAfterAnEpoch(Base.IGNORE);
        assertThat(answersAfterAnEpoch(Base.PROTECT)).isEqualTo(unguarded);
    }

    private static float[] answersAfterAnEpoch(Base asked) throws Exception {
        Path file = Path.of(ProtectedScriptTest.class.getResource("/scripted-mlp.pt").toURI());
        Engine.getInstance().setRandomSeed(3);
        try (Model model = Model.newInstance("scripted-mlp", "PyTorch");
                NDManager data = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new Recorder())
                                .optBase(asked)
                                .build()) {
            model.load(file.getParent(), "scripted-mlp", Map.of("trainParam", "true"));
            NDArray inputs = data.randomNormal(new Shape(96, FEATURES)).add(1);
            // DJL switches a TorchScript block to training only after a pass in evaluation.
            float[] before = answers(model, inputs);
            try (Trainer trainer = model.newTrainer(Points.config(STANDING, listener))) {
                trainer.initialize(new Shape(16, FEATURES));
                EasyTrain.fit(trainer, 1, dataset(inputs), null);
            }
            if (asked == Base.PROTECT) {
                // Autograd reached the weights.
                assertThat(listener.effect("base-outputs").orElseThrow().gradientShare())
                        .isPositive();
            }
            float[] after = answers(model, inputs);
            // The loop's passes moved the statistics.
            assertThat(after).isNotEqualTo(before);
            return after;
        }
    }

    private static float[] answers(Model model, NDArray inputs) {
        ParameterStore store = new ParameterStore(inputs.getManager(), false);
        return model.getBlock().forward(store, new NDList(inputs), false).head().toFloatArray();
    }

    private static ArrayDataset dataset(NDArray inputs) {
        return new ArrayDataset.Builder()
                .setData(inputs)
                .optLabels(inputs.get(":, 0").gt(1).toType(inputs.getDataType(), true))
                .setSampling(16, false)
                .build();
    }
}
