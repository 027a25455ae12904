package dev.engram.benchmark.text;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.Batchifier;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;

/** A language model of characters, trained on windows of a text that begin anywhere. */
final class TextModel implements AutoCloseable {

    static final int LENGTH = 64;

    private static final int WIDTH = 96;
    private static final int LAYERS = 2;
    private static final int BATCH = 16;
    private static final int AT_ONCE = 64;
    private static final float RATE = 2e-3f;

    private final Model model = Model.newInstance("text");
    private final int seed;

    TextModel(int vocabulary, int seed) {
        this.seed = seed;
        model.setBlock(CausalTransformer.languageModel(vocabulary, LENGTH, WIDTH, LAYERS));
        Engine.getInstance().setRandomSeed(seed);
        Shape shape = new Shape(BATCH, LENGTH);
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, shape);
    }

    Model model() {
        return model;
    }

    byte[] weights() {
        try {
            ByteArrayOutputStream weights = new ByteArrayOutputStream();
            model.getBlock().saveParameters(new DataOutputStream(weights));
            return weights.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("Memory can be written to", e);
        }
    }

    void load(byte[] weights) {
        try {
            model.getBlock()
                    .loadParameters(
                            model.getNDManager(),
                            new DataInputStream(new ByteArrayInputStream(weights)));
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("Weights of another model", e);
        }
    }

    /** Trains on a text; returns the seconds that it took. */
    double fit(Corpus corpus, int steps, TrainingListener... listeners) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(new TokenLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(RATE))
                                        .build())
                        .addTrainingListeners(listeners);
        Random random = new Random(seed * 31L + corpus.name().hashCode());
        long begin = System.nanoTime();
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(BATCH, LENGTH));
            for (int step = 0; step < steps; step++) {
                try (Batch batch = batch(corpus.train(), random, trainer.getManager())) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
            }
            trainer.notifyListeners(listener -> listener.onEpoch(trainer));
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static Batch batch(int[] text, Random random, NDManager owner) {
        NDManager manager = owner.newSubManager();
        NDArray tokens = windows(text, BATCH, random, manager);
        return new Batch(
                manager,
                new NDList(inputs(tokens)),
                new NDList(labels(tokens)),
                BATCH,
                Batchifier.STACK,
                Batchifier.STACK,
                0,
                0);
    }

    /** Returns samples of a text, for those who keep some. */
    ArrayDataset samples(Corpus corpus, int count, NDManager manager) {
        NDArray tokens = windows(corpus.train(), count, new Random(seed), manager);
        return new ArrayDataset.Builder()
                .setData(inputs(tokens))
                .optLabels(labels(tokens))
                .setSampling(BATCH, false)
                .build();
    }

    /** Returns between how many characters the model is undecided on a text that it did not see. */
    double perplexity(int[] text) {
        double sum = 0;
        int pieces = 0;
        int windows = (text.length - 1) / LENGTH;
        for (int from = 0; from + AT_ONCE <= windows; from += AT_ONCE) {
            try (NDManager manager = model.getNDManager().newSubManager()) {
                int[] begins = new int[AT_ONCE];
                for (int i = 0; i < AT_ONCE; i++) {
                    begins[i] = (from + i) * LENGTH;
                }
                sum += loss(tokens(text, begins, manager), manager);
                pieces++;
            }
        }
        return Math.exp(sum / pieces);
    }

    private double loss(NDArray tokens, NDManager manager) {
        ParameterStore store = new ParameterStore(manager, false);
        NDList answers = model.getBlock().forward(store, new NDList(inputs(tokens)), false);
        return new TokenLoss().evaluate(new NDList(labels(tokens)), answers).getFloat();
    }

    private static NDArray windows(int[] text, int count, Random random, NDManager manager) {
        int[] begins = random.ints(count, 0, text.length - LENGTH).toArray();
        return tokens(text, begins, manager);
    }

    private static NDArray tokens(int[] text, int[] begins, NDManager manager) {
        int[] windows = Corpus.windows(text, begins, LENGTH);
        NDArray all = manager.create(windows, new Shape(begins.length, LENGTH + 1));
        return all.toType(DataType.INT64, false);
    }

    private static NDArray inputs(NDArray tokens) {
        return tokens.get(":,0:" + LENGTH);
    }

    private static NDArray labels(NDArray tokens) {
        return tokens.get(":,1:");
    }

    @Override
    public void close() {
        model.close();
    }
}
