package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each task of an isolation normalises by the running statistics of its own inputs. */
class OwnStatisticsTest {

    private static final String MEAN = "02BatchNorm_runningMean/copy";

    @Test
    void theyBelongToTheTaskAndAreUsedWhenItIsChosen() throws Exception {
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            fit(model, 0);
            fit(model, 0, listener);
            float[] first = outputs(listener.tasks(model), manager);
            fit(model, 5, listener);
            TaskRegistry tasks = listener.tasks(model);
            assertThat(outputs(tasks, manager)).isEqualTo(first);

            Map<String, NDArray> own = tasks.tensors("task-1", manager);
            Map<String, NDArray> other = tasks.tensors("task-2", manager);
            float moved = own.get(MEAN).sub(other.get(MEAN)).abs().max().getFloat();
            assertThat(moved).isGreaterThan(1f);
            assertThatThrownBy(() -> listener.useStatistics(model, "task-1"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("tasks(model).handle(\"task-1\")");
        }
    }

    private static Model model() {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("normal", Device.cpu());
        model.setBlock(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(8).build())
                        .add(BatchNorm.builder().build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(2).build()));
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(8, 4));
        return model;
    }

    private static void fit(Model model, float brightness, ForgettingListener... listeners)
            throws Exception {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(listeners))) {
            trainer.initialize(new Shape(8, 4));
            NDArray inputs = manager.randomNormal(new Shape(64, 4));
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(inputs.add(brightness))
                            .optLabels(inputs.get(":, 0").gt(0).toType(DataType.FLOAT32, false))
                            .setSampling(8, false)
                            .build();
            EasyTrain.fit(trainer, 3, data, null);
        }
    }

    private static float[] outputs(TaskRegistry tasks, NDManager manager) {
        NDArray inputs = manager.linspace(-1, 1, 32).sin().reshape(8, 4);
        return tasks.handle("task-1").predict(new NDList(inputs)).head().toFloatArray();
    }
}
