package dev.engram.metalearning;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.djl.ForgettingListener;
import java.util.Map;

/** A model of one weight, whose loss is {@code (w - y)² / 2}. */
final class Scalar implements AutoCloseable {

    static final String WEIGHT = "weight";

    final Model model = Model.newInstance("scalar");

    Scalar(double weight) {
        model.setBlock(Linear.builder().setUnits(1).optBias(false).build());
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(2, 1));
        set(weight);
    }

    void set(double weight) {
        try (NDArray wanted = model.getNDManager().full(new Shape(1, 1), (float) weight)) {
            array().set(new NDIndex("..."), wanted);
        }
    }

    double weight() {
        return array().toFloatArray()[0];
    }

    private NDArray array() {
        return model.getBlock().getParameters().get(WEIGHT).getArray();
    }

    /** Two samples that want the same. */
    static Batch batch(double wanted, NDManager parent) {
        NDManager owner = parent.newSubManager();
        return new Batch(
                owner,
                new NDList(owner.ones(new Shape(2, 1))),
                new NDList(owner.full(new Shape(2, 1), (float) wanted)),
                2,
                null,
                null,
                0,
                1);
    }

    /** Learns a task in so many steps, all of which see the same. */
    void learn(ForgettingListener listener, Optimizer optimizer, double wanted, int steps) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.l2Loss())
                        .optOptimizer(optimizer)
                        .addTrainingListeners(listener);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(2, 1));
            for (int i = 0; i < steps; i++) {
                step(trainer, wanted);
            }
            trainer.notifyListeners(heard -> heard.onEpoch(trainer));
        }
    }

    private static void step(Trainer trainer, double wanted) {
        try (Batch batch = batch(wanted, trainer.getManager())) {
            NDList predictions;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                predictions = trainer.forward(batch.getData(), batch.getLabels());
                collector.backward(trainer.getLoss().evaluate(batch.getLabels(), predictions));
            }
            BatchData seen =
                    new BatchData(
                            batch,
                            Map.of(trainer.getDevices()[0], batch.getLabels()),
                            Map.of(trainer.getDevices()[0], predictions));
            trainer.notifyListeners(heard -> heard.onTrainingBatch(trainer, seen));
            trainer.step();
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
