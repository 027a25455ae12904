package dev.engram.assistant.minilm;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import dev.engram.analytic.RandomFeatures;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.Domain;
import dev.engram.assistant.corpus.Sentence;
import dev.engram.assistant.training.Learning;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A head over MiniLM's numbers that learns the domains one after the other. */
final class MiniLmRun implements AutoCloseable {

    private final Curriculum curriculum;
    private final Embeddings embeddings;
    private final Learning learning;
    private final Model model;
    private final AccuracyMatrix matrix;
    private final List<Tested> tests = new ArrayList<>();
    private double seconds;

    /**
     * Creates it.
     *
     * @param features how many random features stand before the head, 0 for none
     */
    MiniLmRun(
            Curriculum curriculum,
            Embeddings embeddings,
            Learning learning,
            int features,
            int seed) {
        Engine.getInstance().setRandomSeed(seed);
        this.curriculum = curriculum;
        this.embeddings = embeddings;
        this.learning = learning;
        this.matrix = new AccuracyMatrix(curriculum.names());
        SequentialBlock block = new SequentialBlock();
        if (features > 0) {
            block.add(RandomFeatures.block(features, seed));
        }
        this.model = Model.newInstance("minilm-head");
        model.setBlock(block.add(Linear.builder().setUnits(curriculum.outputs()).build()));
    }

    /** Learns all domains. */
    ReportedRun run(String name, @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        for (int i = 0; i < curriculum.domains().size(); i++) {
            learn(i, listener);
            matrix.addRow(tests.stream().mapToDouble(this::accuracy).toArray());
        }
        return ReportedRun.of(name, matrix, seconds);
    }

    private void learn(int index, @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        Domain domain = curriculum.domains().get(index);
        NDManager manager = model.getNDManager();
        tests.add(
                new Tested(
                        embeddings.of(domain.test(), manager),
                        labels(domain.test(), index, manager)));
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(learning.rate()))
                                        .build());
        if (listener != null) {
            listener.nextTask(domain.name());
            config.addTrainingListeners(listener);
        }
        try (NDManager scratch = manager.newSubManager()) {
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(embeddings.of(domain.train(), scratch))
                            .optLabels(labels(domain.train(), index, scratch))
                            .setSampling(learning.batch(), true)
                            .build();
            long begin = System.nanoTime();
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(learning.batch(), MiniLm.WIDTH));
                EasyTrain.fit(trainer, learning.epochs(), data, null);
            }
            seconds += (System.nanoTime() - begin) / 1e9;
        }
    }

    private NDArray labels(List<Sentence> sentences, int domain, NDManager manager) {
        int first = curriculum.first(domain);
        return manager.create(
                sentences.stream().mapToLong(sentence -> first + sentence.intent()).toArray());
    }

    private double accuracy(Tested test) {
        try (NDManager scratch = model.getNDManager().newSubManager()) {
            NDList inputs = new NDList(test.points().duplicate());
            inputs.attach(scratch);
            ParameterStore store = new ParameterStore(scratch, false);
            NDArray outputs = model.getBlock().forward(store, inputs, false).head();
            NDArray hits = outputs.argMax(1).toType(DataType.INT64, false).eq(test.labels());
            return hits.toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }

    @Override
    public void close() {
        model.close();
    }

    private record Tested(NDArray points, NDArray labels) {}
}
