package dev.engram.assistant.encoder;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Makes a base out of text without labels: hides one word of each sentence and learns to guess it.
 *
 * <p>No intent and no domain is looked at. A team has such text, its users' sentences, long before
 * anybody has labelled it.
 */
public final class Pretraining {

    private static final int BATCH = 64;
    private static final float RATE = 1e-3f;

    private final Architecture architecture;
    private final HashedWords hashed;
    private final int epochs;
    private final int seed;

    public Pretraining(Architecture architecture, int epochs, int seed) {
        this.architecture = architecture;
        this.hashed = new HashedWords(architecture.rows());
        this.epochs = epochs;
        this.seed = seed;
    }

    /**
     * Returns the base; with no epochs its weights are random, and normalisation does nothing.
     *
     * @param progress told after each epoch
     */
    public Base run(List<String> text, Consumer<String> progress) {
        Engine.getInstance().setRandomSeed(seed);
        SentenceEncoder encoder =
                new SentenceEncoder(architecture.rows(), architecture.width(), true);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(RATE))
                                        .build());
        try (Model model = Model.newInstance("masked-words")) {
            model.setBlock(new MaskedWordBlock(architecture, encoder));
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(Architecture.inputShape(), new Shape(1, HashedWords.LENGTH));
                train(trainer, text, progress);
            }
            return Base.of(encoder);
        }
    }

    private void train(Trainer trainer, List<String> text, Consumer<String> progress) {
        List<String> order = new ArrayList<>(text);
        order.removeIf(sentence -> HashedWords.words(sentence).isEmpty());
        Random random = new Random(seed);
        for (int epoch = 1; epoch <= epochs; epoch++) {
            Collections.shuffle(order, random);
            for (int from = 0; from < order.size(); from += BATCH) {
                List<String> some = order.subList(from, Math.min(order.size(), from + BATCH));
                try (Batch batch = hide(some, random, trainer.getManager())) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
            }
            progress.accept("epoch %d of %d".formatted(epoch, epochs));
        }
    }

    /** Whatever a batch makes belongs to its own manager, and goes with it. */
    private Batch hide(List<String> sentences, Random random, NDManager parent) {
        int size = sentences.size();
        long[] ids = new long[size * HashedWords.LENGTH * HashedWords.HASHES];
        float[] places = new float[size * HashedWords.LENGTH];
        long[] targets = new long[size];
        for (int i = 0; i < size; i++) {
            long[] own = hashed.encode(sentences.get(i));
            int word = random.nextInt(HashedWords.words(sentences.get(i)).size());
            int at = word * HashedWords.HASHES;
            targets[i] = own[at];
            Arrays.fill(own, at, at + HashedWords.HASHES, HashedWords.HIDDEN);
            System.arraycopy(own, 0, ids, i * own.length, own.length);
            places[i * HashedWords.LENGTH + word] = 1;
        }
        NDManager manager = parent.newSubManager();
        Shape shape = new Shape(size, HashedWords.LENGTH, HashedWords.HASHES);
        NDList data =
                new NDList(
                        manager.create(ids, shape),
                        manager.create(places, new Shape(size, HashedWords.LENGTH)));
        NDList labels = new NDList(manager.create(targets).toType(DataType.INT64, false));
        return new Batch(manager, data, labels, size, null, null, 0, size);
    }
}
