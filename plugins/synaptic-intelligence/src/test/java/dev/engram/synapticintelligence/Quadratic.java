package dev.engram.synapticintelligence;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import dev.engram.kit.autograd.Scaled;

/**
 * Two independent quadratics, {@code L = ½ a_1 (θ_1 - c_1)² + ½ a_2 (θ_2 - c_2)²}, as a model, and
 * the same descent worked out in double precision.
 */
final class Quadratic {

    static final double[] A = {4, 0.5};
    static final double[] C = {3, -2};
    static final double[] START = {1, 1.5};
    static final float RATE = 0.05f;

    private Quadratic() {}

    static Model model() {
        Model model = Model.newInstance("quadratic", Device.cpu());
        Linear block = Linear.builder().setUnits(2).optBias(false).build();
        model.setBlock(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        place(model, START);
        return model;
    }

    /** Sets both weights, as a user does who restores a checkpoint. */
    static void place(Model model, double... values) {
        NDArray weight = model.getBlock().getParameters().get("weight").getArray().stopGradient();
        weight.subi(weight);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            weight.addi(
                    manager.create(new float[] {(float) values[0], (float) values[1]})
                            .reshape(2, 1));
        }
        weight.close();
    }

    static Trainer trainer(Model model, TrainingListener... listeners) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(new TwoParabolas())
                                .optOptimizer(Toy.sgd(RATE))
                                .addTrainingListeners(listeners));
        trainer.initialize(new Shape(1, 1));
        return trainer;
    }

    /** Does some steps and ends the epoch. */
    static void epoch(Trainer trainer, int steps) {
        steps(trainer, steps);
        trainer.notifyListeners(listener -> listener.onEpoch(trainer));
    }

    static void steps(Trainer trainer, int steps) {
        for (int i = 0; i < steps; i++) {
            NDManager manager = trainer.getManager().newSubManager();
            NDList one = new NDList(manager.ones(new Shape(1, 1)));
            NDList label = new NDList(manager.zeros(new Shape(1)));
            try (Batch batch = new Batch(manager, one, label, 1, null, null, i, steps)) {
                EasyTrain.trainBatch(trainer, batch);
                trainer.step();
            }
        }
    }

    static double gradient(int element, double value) {
        return A[element] * (value - C[element]);
    }

    /** On an input of one the predictions are the weights themselves. */
    private static final class TwoParabolas extends Loss {

        TwoParabolas() {
            super("two parabolas");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray theta = predictions.head();
            NDManager manager = theta.getManager();
            NDArray a = manager.create(new float[] {(float) A[0], (float) A[1]});
            NDArray c = manager.create(new float[] {(float) C[0], (float) C[1]});
            return Scaled.by(0.5, theta.sub(c).square().mul(a).sum());
        }
    }
}
