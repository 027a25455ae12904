package dev.engram.assistant.training;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.Domain;
import dev.engram.assistant.corpus.Sentence;
import dev.engram.assistant.encoder.Architecture;
import dev.engram.assistant.encoder.EncodedSentences;
import dev.engram.assistant.encoder.HashedWords;
import dev.engram.djl.ForgettingListener;
import dev.engram.prompttuning.TaskChooser;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskLoss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Learns one domain after the other with {@code EasyTrain.fit} and tests all that were seen; the
 * listener is all that differs between an assistant that forgets and one that does not.
 */
final class DomainRun implements AutoCloseable {

    private static final int CHOOSER_BATCH = 128;

    private final Curriculum curriculum;
    private final Scenario scenario;
    private final Learning learning;
    private final HashedWords hashed;
    private final Model model;
    private final List<EncodedSentences> tests = new ArrayList<>();
    private final AccuracyMatrix matrix;
    private @Nullable ForgettingListener protector;
    private double seconds;

    /** Creates a run on a model of its own, which it closes. */
    DomainRun(
            Curriculum curriculum,
            Scenario scenario,
            Learning learning,
            HashedWords hashed,
            Model model) {
        this.curriculum = curriculum;
        this.scenario = scenario;
        this.learning = learning;
        this.hashed = hashed;
        this.model = model;
        this.matrix = new AccuracyMatrix(curriculum.names());
    }

    /**
     * Learns all domains.
     *
     * @param listener protects what was learnt; without it nothing does
     * @param progress told each row of the accuracy matrix
     */
    void learnAll(@Nullable ForgettingListener listener, Consumer<double[]> progress)
            throws IOException, TranslateException {
        protector = listener;
        for (int i = 0; i < curriculum.domains().size(); i++) {
            long begin = System.nanoTime();
            learn(i, listener);
            seconds += (System.nanoTime() - begin) / 1e9;
            double[] row = test(i);
            matrix.addRow(row);
            progress.accept(row);
        }
    }

    /** One domain is one task: name it, train as ever. */
    void learn(int index, @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        Domain domain = curriculum.domains().get(index);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss(index))
                        .optOptimizer(learning.optimizer(domain.train().size()));
        if (listener != null) {
            listener.nextTask(domain.name());
            config.addTrainingListeners(listener);
        }
        try (EncodedSentences sentences = encoded(domain.train(), index)) {
            fit(config, sentences);
        }
    }

    /** Learns all domains at once, on one head, and tests them; every row is the same. */
    void learnJointly() throws IOException, TranslateException {
        long begin = System.nanoTime();
        List<Sentence> all = new ArrayList<>();
        for (int i = 0; i < curriculum.domains().size(); i++) {
            int first = curriculum.first(i);
            for (Sentence sentence : curriculum.domains().get(i).train()) {
                all.add(new Sentence(sentence.text(), first + sentence.intent()));
            }
        }
        try (EncodedSentences sentences = encoded(all, 0)) {
            fit(
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(learning.optimizer(all.size())),
                    sentences);
        }
        seconds += (System.nanoTime() - begin) / 1e9;
        double[] row = test(curriculum.domains().size() - 1);
        curriculum.domains().forEach(domain -> matrix.addRow(row));
    }

    private void fit(TrainingConfig config, EncodedSentences sentences)
            throws IOException, TranslateException {
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(Architecture.inputShape());
            EasyTrain.fit(trainer, learning.epochs(), sentences.dataset(learning.batch()), null);
        }
    }

    /** Returns the accuracy on each domain from the first to one. */
    double[] test(int last) {
        double[] accuracies = new double[last + 1];
        for (int i = 0; i <= last; i++) {
            accuracies[i] = accuracy(i);
        }
        return accuracies;
    }

    /** Returns the accuracy on one domain. */
    double accuracy(int index) {
        while (tests.size() <= index) {
            tests.add(encoded(curriculum.domains().get(tests.size()).test(), tests.size()));
        }
        try (NDManager call = model.getNDManager().newSubManager()) {
            boolean known = scenario == Scenario.TASK;
            NDArray mask =
                    TaskLoss.outputMask(
                            known ? curriculum.first(index) : 0,
                            known ? curriculum.end(index) : curriculum.outputs(),
                            curriculum.outputs(),
                            call);
            return tests.get(index).accuracy(block(index), mask);
        }
    }

    /** Where each domain has parameters of its own, they are used for its sentences. */
    private Block block(int index) {
        ForgettingListener listener = protector;
        return listener != null && listener.isolates()
                ? listener.tasks(model).handle(curriculum.names().get(index)).block()
                : model.getBlock();
    }

    /** Returns what picks the domain of a sentence when nobody names it. */
    TaskChooser chooser(ForgettingListener listener) {
        TaskChooser.Builder chooser = TaskChooser.builder(listener.tasks(model));
        for (int i = 0; i < curriculum.domains().size(); i++) {
            Domain domain = curriculum.domains().get(i);
            try (EncodedSentences sentences = encoded(domain.train(), i)) {
                chooser.addTask(domain.name(), sentences.batches(CHOOSER_BATCH));
            }
        }
        return chooser.build();
    }

    /** Returns the share of all test sentences whose domain is picked. */
    double picked(TaskChooser chooser) {
        long right = 0;
        long all = 0;
        for (int i = 0; i < tests.size(); i++) {
            String wanted = curriculum.names().get(i);
            for (NDList batch : tests.get(i).batches(CHOOSER_BATCH)) {
                for (String picked : chooser.choose(batch)) {
                    right += picked.equals(wanted) ? 1 : 0;
                    all++;
                }
            }
        }
        return (double) right / all;
    }

    /** Returns what was measured so far. */
    AccuracyMatrix matrix() {
        return matrix;
    }

    /** Returns the wall time of training alone. */
    double seconds() {
        return seconds;
    }

    /** Returns the model that was trained. */
    Model model() {
        return model;
    }

    private Loss loss(int index) {
        // The listener may rehearse a domain long after it was learnt, so masks stay with the
        // model.
        return scenario == Scenario.TASK
                ? TaskLoss.of(
                        curriculum.first(index),
                        curriculum.end(index),
                        curriculum.outputs(),
                        model.getNDManager())
                : Loss.softmaxCrossEntropyLoss();
    }

    private EncodedSentences encoded(List<Sentence> sentences, int index) {
        return new EncodedSentences(
                sentences, curriculum.first(index), hashed, model.getNDManager());
    }

    @Override
    public void close() {
        model.close();
    }
}
