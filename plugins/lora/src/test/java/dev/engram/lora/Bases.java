package dev.engram.lora;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Kinds of models to adapt, each with toy tasks of four classes. */
enum Bases {
    ENCODER("4, 16") {
        @Override
        Block block() {
            return new SequentialBlock()
                    .add(new TransformerEncoderBlock(16, 2, 32, 0.1f, Activation::relu))
                    .add(new TransformerEncoderBlock(16, 2, 32, 0.1f, Activation::relu))
                    .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    },
    CNN("1, 8, 8") {
        @Override
        Block block() {
            return new SequentialBlock()
                    .add(
                            Conv2d.builder()
                                    .setFilters(8)
                                    .setKernelShape(new Shape(3, 3))
                                    .optPadding(new Shape(1, 1))
                                    .build())
                    .add(BatchNorm.builder().build())
                    .add(Activation.reluBlock())
                    .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                    .add(Blocks.batchFlattenBlock())
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    },
    BERT("4") {
        @Override
        Block block() {
            BertBlock bert =
                    BertBlock.builder()
                            .setTokenDictionarySize(64)
                            .optEmbeddingSize(16)
                            .optTransformerBlockCount(2)
                            .optAttentionHeadCount(2)
                            .optHiddenSize(32)
                            .optMaxSequenceLength(4)
                            .build();
            return new SequentialBlock()
                    .add(
                            list ->
                                    new NDList(
                                            list.head(),
                                            list.head().zerosLike(),
                                            list.head().onesLike()))
                    .add(bert)
                    .add(list -> new NDList(list.get(1)))
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    },
    TORCH_SCRIPT("4, 16") {
        @Override
        Block block() {
            throw new UnsupportedOperationException();
        }

        @Override
        Model model() {
            try {
                Model model = Model.newInstance("traced-transformer", Device.cpu(), "PyTorch");
                model.load(
                        Path.of("src/test/resources"),
                        "traced-transformer",
                        java.util.Map.of("trainParam", "true"));
                return model;
            } catch (IOException | MalformedModelException e) {
                throw new AssertionError(e);
            }
        }
    };

    static final int CLASSES = 4;
    static final int BATCH = 32;
    private static final int LAST = 16;

    private final String sample;

    Bases(String sample) {
        this.sample = sample;
    }

    abstract Block block();

    /** A model whose base has values. */
    Model model() {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("base", Device.cpu());
        Block block = block();
        block.initialize(model.getNDManager(), DataType.FLOAT32, batch());
        model.setBlock(block);
        return model;
    }

    private Shape sample() {
        return new Shape(Arrays.stream(sample.split(", ")).mapToLong(Long::parseLong).toArray());
    }

    Shape batch() {
        return new Shape(BATCH).addAll(sample());
    }

    /**
     * Inputs of a task: the class is told by where they are large, and turned round by the task.
     */
    ArrayDataset dataset(NDManager manager, int task, int samples) {
        Random random = new Random(100 + task);
        int size = (int) sample().size();
        float[] data = new float[samples * size];
        float[] labels = new float[samples];
        for (int i = 0; i < samples; i++) {
            int place = random.nextInt(CLASSES);
            labels[i] = (place * (task % 2 == 0 ? 1 : 3) + task) % CLASSES;
            for (int j = 0; j < size; j++) {
                data[i * size + j] = value(random, place, j % LAST);
            }
        }
        NDArray inputs = manager.create(data, new Shape(samples).addAll(sample()));
        return new ArrayDataset.Builder()
                .setData(this == BERT ? inputs.toType(DataType.INT64, false) : inputs)
                .optLabels(manager.create(labels))
                .setSampling(BATCH, false)
                .build();
    }

    private float value(Random random, int place, int column) {
        return this == BERT
                ? random.nextInt(LAST) + LAST * place
                : (float) (0.5 * random.nextGaussian() + (place == column / CLASSES ? 1.5 : 0));
    }

    void fit(Model model, int task, int epochs, TrainingListener... listeners) {
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-2f)).build();
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(adam)
                                        .addTrainingListeners(listeners))) {
            EasyTrain.fit(trainer, epochs, dataset(manager, task, 512), null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** The outputs of a block for some samples of a task, as bits. */
    float[] outputs(Model model, Block block, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            var store = new ai.djl.training.ParameterStore(manager, false);
            var batch = dataset(manager, task, BATCH).getData(manager).iterator().next();
            return block.forward(store, batch.getData(), false).head().toFloatArray();
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    double accuracy(Model model, Block block, int task) {
        float[] out = outputs(model, block, task);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray labels =
                    dataset(manager, task, BATCH)
                            .getData(manager)
                            .iterator()
                            .next()
                            .getLabels()
                            .head();
            NDArray hit =
                    manager.create(out, new Shape(BATCH, CLASSES))
                            .argMax(1)
                            .toType(DataType.FLOAT32, false)
                            .eq(labels);
            return hit.toType(DataType.FLOAT32, false).mean().getFloat();
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }
}
