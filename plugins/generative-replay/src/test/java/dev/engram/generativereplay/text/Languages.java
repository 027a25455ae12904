package dev.engram.generativereplay.text;

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
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
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
import java.io.IOException;
import java.util.Random;

/**
 * Two languages of six words each, in which every word is followed by one of two, each as likely:
 * whoever knows one has a perplexity of two.
 */
final class Languages {

    static final int VOCABULARY = 12;
    static final int LENGTH = 10;

    private static final int WORDS = VOCABULARY / 2;
    private static final int BATCH = 32;
    private static final float RATE = 2e-2f;

    private Languages() {}

    /** The mean over all tokens, of which DJL's own knows one a sample. */
    static final class TokenLoss extends Loss {

        private final Loss each = softmaxCrossEntropyLoss();

        TokenLoss() {
            super("tokens");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray scores = predictions.head();
            long vocabulary = scores.getShape().get(2);
            return each.evaluate(
                    new NDList(labels.head().flatten()),
                    new NDList(scores.reshape(-1, vocabulary)));
        }
    }

    /**
     * Returns a model that tells the next word by the last one, and sees alike what the languages
     * have in common, so that it forgets; the caller closes it.
     */
    static Model model() {
        return model(
                new SequentialBlock()
                        .add(new LambdaBlock(Languages::split, "split"))
                        .add(Linear.builder().setUnits(24).build())
                        .add(Activation.tanhBlock())
                        .add(Linear.builder().setUnits(VOCABULARY).build()));
    }

    private static NDList split(NDList ids) {
        NDArray tokens = ids.head().toType(DataType.INT64, false);
        NDArray language = tokens.gte(WORDS).toType(DataType.FLOAT32, false).expandDims(2);
        return new NDList(tokens.mod(WORDS).oneHot(WORDS).concat(language, 2));
    }

    static NDList oneHot(NDList ids) {
        return new NDList(ids.head().toType(DataType.INT64, false).oneHot(VOCABULARY));
    }

    static Model model(Block block) {
        Model model = Model.newInstance("languages", Device.cpu());
        model.setBlock(block);
        return model;
    }

    static Trainer trainer(Model model, TrainingListener... listeners) {
        Engine.getInstance().setRandomSeed(1);
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(new TokenLoss())
                                .optOptimizer(
                                        Optimizer.adam()
                                                .optLearningRateTracker(Tracker.fixed(RATE))
                                                .build())
                                .addTrainingListeners(listeners));
        trainer.initialize(new Shape(BATCH, LENGTH));
        return trainer;
    }

    /** Trains a language, 0 or 1, until it is known. */
    static void fit(Model model, int language, TrainingListener... listeners) {
        fit(model, language, 256, 15, listeners);
    }

    static void fit(
            Model model, int language, int texts, int epochs, TrainingListener... listeners) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Trainer trainer = trainer(model, listeners)) {
            EasyTrain.fit(trainer, epochs, dataset(language, texts, manager), null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static ArrayDataset dataset(int language, int texts, NDManager manager) {
        NDArray tokens = tokens(language, texts, language, manager);
        return new ArrayDataset.Builder()
                .setData(tokens.get(":,0:" + LENGTH))
                .optLabels(tokens.get(":,1:"))
                .setSampling(BATCH, false)
                .build();
    }

    /** Returns texts of a language, one a row, each a token longer than samples are. */
    static NDArray tokens(int language, int texts, int seed, NDManager manager) {
        return manager.create(texts(language, texts, seed), new Shape(texts, LENGTH + 1));
    }

    static long[] texts(int language, int texts, int seed) {
        Random random = new Random(seed);
        long[] tokens = new long[texts * (LENGTH + 1)];
        int word = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean begins = i % (LENGTH + 1) == 0;
            word = begins ? random.nextInt(WORDS) : (word + 1 + random.nextInt(2)) % WORDS;
            tokens[i] = (long) language * WORDS + word;
        }
        return tokens;
    }

    /** Returns between how many words a model is undecided on new texts of a language. */
    static double perplexity(Model model, int language) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray tokens = tokens(language, 200, 77, manager);
            NDList answers =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(tokens.get(":,0:" + LENGTH)),
                                    false);
            NDList labels = new NDList(tokens.get(":,1:"));
            return Math.exp(new TokenLoss().evaluate(labels, answers).getFloat());
        }
    }
}
