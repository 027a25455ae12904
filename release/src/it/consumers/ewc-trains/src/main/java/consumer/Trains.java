package consumer;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;

/** Two tasks under a guard: what a consumer's class path holds is enough to train. */
public final class Trains {

    private Trains() {}

    /** Trains. */
    public static void main(String[] args) throws Exception {
        try (Model model = Model.newInstance("consumer");
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc-online").build()) {
            model.setBlock(Linear.builder().setUnits(1).build());
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.l2Loss()).addTrainingListeners(listener);
            for (int task = 0; task < 2; task++) {
                NDArray inputs = manager.randomNormal(new Shape(16, 2));
                ArrayDataset data =
                        new ArrayDataset.Builder()
                                .setData(inputs)
                                .optLabels(inputs.sum(new int[] {1}, true).mul(1 - task))
                                .setSampling(8, false)
                                .build();
                try (Trainer trainer = model.newTrainer(config)) {
                    trainer.initialize(new Shape(8, 2));
                    EasyTrain.fit(trainer, 2, data, null);
                }
            }
        }
        System.out.println("CONSUMER trained two tasks under ewc-online");
    }
}
