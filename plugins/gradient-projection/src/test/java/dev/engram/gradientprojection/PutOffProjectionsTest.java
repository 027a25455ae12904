package dev.engram.gradientprojection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.translate.NoopTranslator;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.SmallModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Of a thousand steps that are projected together nobody else sees what is not projected yet. */
class PutOffProjectionsTest {

    /** The first two steps are projected, because there it is measured; the third is put off. */
    @ParameterizedTest
    @EnumSource
    void whatOthersSeeAmidAnEpochIsProjected(Reading reading) throws Exception {
        try (Model model = SmallModels.model(linear());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(GradientProjection.gpm(1).optEvery(1000).build())
                                .build()) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            try (Trainer trainer = SmallTasks.trainer(model, SmallModels.sgd(0.5f), listener);
                    NDManager manager = NDManager.newBaseManager()) {
                NDList inputs = SmallTasks.inputs(manager, 0);
                float[] before = trainer.evaluate(inputs).head().toFloatArray();
                NDList others = SmallTasks.inputs(manager, 1);
                float[] otherBefore = trainer.evaluate(others).head().toFloatArray();
                SmallTasks.steps(trainer, 1, 3);
                assertThat(reading.of(trainer, inputs)).containsExactly(before, within(2e-3f));
                assertThat(reading.of(trainer, others)[0]).isNotEqualTo(otherBefore[0]);
            }
        }
    }

    private static Block linear() {
        return new SequentialBlock().add(Linear.builder().setUnits(SmallTasks.CLASSES).build());
    }

    /** How others see the weights while a task trains. */
    private enum Reading {
        VALIDATION {
            @Override
            float[] of(Trainer trainer, NDList inputs) {
                return trainer.evaluate(inputs).head().toFloatArray();
            }
        },
        PREDICTION {
            @Override
            float[] of(Trainer trainer, NDList inputs) throws Exception {
                try (Predictor<NDList, NDList> predictor =
                        trainer.getModel().newPredictor(new NoopTranslator(null))) {
                    return predictor.predict(inputs).head().toFloatArray();
                }
            }
        },
        FILE {
            @Override
            float[] of(Trainer trainer, NDList inputs) throws Exception {
                ByteArrayOutputStream file = new ByteArrayOutputStream();
                trainer.getModel().getBlock().saveParameters(new DataOutputStream(file));
                Block loaded = linear();
                NDManager manager = inputs.getManager();
                loaded.loadParameters(
                        manager, new DataInputStream(new ByteArrayInputStream(file.toByteArray())));
                return loaded.forward(new ParameterStore(manager, false), inputs, false)
                        .head()
                        .toFloatArray();
            }
        };

        abstract float[] of(Trainer trainer, NDList inputs) throws Exception;
    }
}
