package dev.engram.prompttuning;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Kinds of models over sequences of ids, with toy tasks of four classes. */
enum Bases {
    ENCODER {
        @Override
        Block block() {
            return new SequentialBlock()
                    .add(new TokenEmbedding(TOKENS, WIDTH, false))
                    .add(new TransformerEncoderBlock(WIDTH, 2, 32, 0.1f, Activation::relu))
                    .add(new TransformerEncoderBlock(WIDTH, 2, 32, 0.1f, Activation::relu))
                    .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    },
    MASKED {
        @Override
        Block block() {
            return new SequentialBlock()
                    .add(new TokenEmbedding(TOKENS, WIDTH, true))
                    .add(new TransformerEncoderBlock(WIDTH, 2, 32, 0.1f, Activation::relu))
                    .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    },
    BERT {
        @Override
        Block block() {
            return new SequentialBlock()
                    .add(
                            list -> {
                                NDArray ids = list.head();
                                NDArray seen = ids.gt(0).toType(DataType.INT64, false);
                                return new NDList(ids, ids.zerosLike(), seen);
                            })
                    .add(bert())
                    .add(list -> new NDList(list.get(1)))
                    .add(Linear.builder().setUnits(CLASSES).build());
        }
    };

    static final int CLASSES = 4;
    static final int BATCH = 32;
    static final int WIDTH = 16;
    static final int LENGTH = 4;
    static final int TOKENS = 64;

    static BertBlock bert() {
        return BertBlock.builder()
                .setTokenDictionarySize(TOKENS)
                .optEmbeddingSize(WIDTH)
                .optTransformerBlockCount(2)
                .optAttentionHeadCount(2)
                .optHiddenSize(32)
                .optMaxSequenceLength(LENGTH)
                .build();
    }

    private static final Map<Bases, List<float[]>> TRAINED = new ConcurrentHashMap<>();

    abstract Block block();

    /** A model whose base was trained on task 0. */
    Model model() {
        Model model = model(block());
        List<float[]> values = TRAINED.computeIfAbsent(this, any -> trained());
        for (int i = 0; i < values.size(); i++) {
            Parameter parameter = model.getBlock().getParameters().valueAt(i);
            NDArray array = parameter.getArray();
            array.setRequiresGradient(false);
            array.set(FloatBuffer.wrap(values.get(i)));
            array.setRequiresGradient(parameter.requiresGradient());
        }
        return model;
    }

    private List<float[]> trained() {
        try (Model model = model(block())) {
            fit(model, 0, 15);
            return model.getBlock().getParameters().values().stream()
                    .map(parameter -> parameter.getArray().toFloatArray())
                    .toList();
        }
    }

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("base", Device.cpu());
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(BATCH, LENGTH));
        model.setBlock(block);
        return model;
    }

    /** Ids in the quarter of the dictionary that tells the class, turned round by the task. */
    static ArrayDataset dataset(NDManager manager, int task, int samples) {
        Random random = new Random(100 + task);
        long[] data = new long[samples * LENGTH];
        float[] labels = new float[samples];
        for (int i = 0; i < samples; i++) {
            int place = random.nextInt(CLASSES);
            labels[i] = (place * (task % 2 == 0 ? 1 : 3) + task) % CLASSES;
            for (int j = 0; j < LENGTH; j++) {
                int quarter = TOKENS / CLASSES;
                data[i * LENGTH + j] = Math.max(1, random.nextInt(quarter) + quarter * place);
            }
        }
        return dataset(manager, data, labels);
    }

    static ArrayDataset dataset(NDManager manager, long[] data, float[] labels) {
        Shape shape = new Shape(labels.length, data.length / labels.length);
        return new ArrayDataset.Builder()
                .setData(manager.create(data, shape))
                .optLabels(manager.create(labels))
                .setSampling(BATCH, false)
                .build();
    }

    static void fit(Model model, int task, int epochs, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            fit(model, dataset(manager, task, 256), epochs, listeners);
        }
    }

    static void fit(Model model, ArrayDataset data, int epochs, TrainingListener... listeners) {
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-2f)).build();
        try (Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(adam)
                                .addTrainingListeners(listeners))) {
            EasyTrain.fit(trainer, epochs, data, null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** The outputs of a block for some samples of a task, as bits. */
    static float[] outputs(Model model, Block block, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            return outputs(block, inputs(manager, task)).head().toFloatArray();
        }
    }

    static NDList outputs(Block block, NDList inputs) {
        return block.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
    }

    static NDList inputs(NDManager manager, int task) {
        return batch(manager, dataset(manager, task, BATCH)).get(0);
    }

    static List<NDList> batch(NDManager manager, ArrayDataset data) {
        try {
            var batch = data.getData(manager).iterator().next();
            return List.of(batch.getData(), batch.getLabels());
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static double accuracy(Model model, Block block, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            return accuracy(block, manager, dataset(manager, task, BATCH));
        }
    }

    /** Of the first batch. */
    static double accuracy(Block block, NDManager manager, ArrayDataset data) {
        var batch = batch(manager, data);
        NDArray found = outputs(block, batch.get(0)).head().argMax(1);
        NDArray hit = found.toType(DataType.FLOAT32, false).eq(batch.get(1).head());
        return hit.toType(DataType.FLOAT32, false).mean().getFloat();
    }

    static Map<String, Integer> weights(Block block) {
        Map<String, Integer> weights = new TreeMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            weights.put(
                    entry.getKey(), Arrays.hashCode(entry.getValue().getArray().toFloatArray()));
        }
        return weights;
    }
}
