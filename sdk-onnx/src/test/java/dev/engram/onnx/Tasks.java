package dev.engram.onnx;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Random;

/** Two tasks that share a model: its training, and how well it still knows each. */
abstract class Tasks {

    private static final int SAMPLES = 256;
    private static final int BATCH = 32;

    /** The inputs of one sample of a class, one array for each input of the model. */
    abstract NDList sample(int task, int label, Random random, NDManager manager);

    /** The classes of a task. */
    abstract int[] labels(int task);

    abstract float rate();

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("tasks", Device.cpu());
        model.setBlock(block);
        return model;
    }

    ArrayDataset dataset(NDManager manager, int task, int seed) {
        Random random = new Random(seed);
        int[] labels = labels(task);
        float[] wanted = new float[SAMPLES];
        NDList[] samples = new NDList[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            int label = labels[random.nextInt(labels.length)];
            wanted[i] = label;
            samples[i] = sample(task, label, random, manager);
        }
        NDArray[] inputs = new NDArray[samples[0].size()];
        for (int k = 0; k < inputs.length; k++) {
            NDList column = new NDList();
            for (NDList sample : samples) {
                column.add(sample.get(k));
            }
            inputs[k] = ai.djl.ndarray.NDArrays.stack(column, 0);
        }
        return new ArrayDataset.Builder()
                .setData(inputs)
                .optLabels(manager.create(wanted))
                .setSampling(BATCH, true)
                .build();
    }

    void fit(Model model, int task, int epochs, TrainingListener... listeners) throws Exception {
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(rate())).build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(adam)
                        .addTrainingListeners(listeners);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Trainer trainer = model.newTrainer(config)) {
            ArrayDataset data = dataset(manager, task, task);
            trainer.initialize(shapes(manager));
            EasyTrain.fit(trainer, epochs, data, null);
        }
    }

    private Shape[] shapes(NDManager manager) {
        return sample(0, labels(0)[0], new Random(0), manager).stream()
                .map(array -> new Shape(BATCH).addAll(array.getShape()))
                .toArray(Shape[]::new);
    }

    double accuracy(Model model, int task) throws Exception {
        return accuracy(model.getBlock(), task);
    }

    double accuracy(Block block, int task) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            ParameterStore store = new ParameterStore(manager, false);
            long right = 0;
            for (Batch batch : dataset(manager, task, 100 + task).getData(manager)) {
                NDArray out = block.forward(store, batch.getData(), false).head();
                NDArray wanted =
                        batch.getLabels().head().toType(ai.djl.ndarray.types.DataType.INT64, false);
                right += out.argMax(1).eq(wanted).countNonzero().getLong();
            }
            return (double) right / SAMPLES;
        }
    }

    NDList batch(NDManager manager, int task) throws Exception {
        return dataset(manager, task, 200 + task).getData(manager).iterator().next().getData();
    }
}
