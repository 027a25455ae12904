package dev.engram.scenarios;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.DeviceImages;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains one model on a sequence of tasks in a loop of its own, and tests it after each.
 *
 * <p>Batches are cut from arrays on the device, so that a step is as fast as DJL makes it.
 */
public final class SequenceRun {

    private final TaskSequence sequence;
    private final Protocol protocol;
    private final long seed;
    private final @Nullable ForgettingListener listener;
    private final Consumer<String> progress;
    private final IntFunction<Model> models;
    private Optimizer optimizer;

    /**
     * Creates a run; without a listener nothing is protected.
     *
     * @throws BadInputException if the listener gives tasks parameters of their own
     */
    public SequenceRun(
            TaskSequence sequence,
            Protocol protocol,
            long seed,
            @Nullable ForgettingListener listener,
            Consumer<String> progress) {
        this(
                sequence,
                protocol,
                seed,
                listener,
                progress,
                outputs -> Mlp.model(protocol.hidden(), outputs));
    }

    /**
     * As above, with a model of the caller's.
     *
     * @param models makes a model of so many outputs, without values
     */
    public SequenceRun(
            TaskSequence sequence,
            Protocol protocol,
            long seed,
            @Nullable ForgettingListener listener,
            Consumer<String> progress,
            IntFunction<Model> models) {
        if (listener != null && listener.isolates()) {
            throw new BadInputException(
                    "These tasks begin with a network that knows nothing, over which parameters of"
                        + " a task's own are of no use, and the network itself is what is tested:"
                        + " see samples/domain-assistant for lora, adapters and prompts");
        }
        this.sequence = sequence;
        this.protocol = protocol;
        this.seed = seed;
        this.listener = listener;
        this.progress = progress;
        this.models = models;
        this.optimizer = adam(protocol);
    }

    /** Trains and tests all tasks. */
    public Outcome run() {
        Engine.getInstance().setRandomSeed((int) seed);
        AccuracyMatrix matrix = new AccuracyMatrix(sequence.names());
        List<TestedTask> tests = new ArrayList<>();
        long nanos = 0;
        long processor = 0;
        long steps = 0;
        try (Model model = models.apply(sequence.outputs())) {
            NDManager manager = model.getNDManager();
            for (int i = 0; i < sequence.names().size(); i++) {
                ScenarioTask task = sequence.task(i);
                tests.add(
                        new TestedTask(
                                new DeviceImages(task.test(), manager),
                                TaskLoss.outputMask(sequence, task, manager)));
                try (DeviceImages train = new DeviceImages(task.train(), manager)) {
                    long begin = System.nanoTime();
                    long processorBegin = ProcessorTime.nanos();
                    steps += train(model, task, train);
                    processor += ProcessorTime.nanos() - processorBegin;
                    nanos += System.nanoTime() - begin;
                }
                double[] row =
                        tests.stream()
                                .mapToDouble(t -> t.images.accuracy(model.getBlock(), t.mask))
                                .toArray();
                matrix.addRow(row);
                progress.accept("task %d (%s): %.4f".formatted(i + 1, task.name(), row[i]));
            }
        }
        return new Outcome(matrix, nanos / 1e9, processor / 1e9, steps);
    }

    /** Trains a model on one task of the sequence, and tests nothing. */
    public void learn(Model model, int task) {
        ScenarioTask next = sequence.task(task);
        try (DeviceImages train = new DeviceImages(next.train(), model.getNDManager())) {
            train(model, next, train);
        }
    }

    private static Optimizer adam(Protocol protocol) {
        return Optimizer.adam()
                .optLearningRateTracker(Tracker.fixed(protocol.learningRate()))
                .build();
    }

    private long train(Model model, ScenarioTask task, DeviceImages images) {
        if (!protocol.keepsOptimizer()) {
            optimizer = adam(protocol);
        }
        Loss loss = TaskLoss.of(sequence, task, model.getNDManager());
        DefaultTrainingConfig config = new DefaultTrainingConfig(loss).optOptimizer(optimizer);
        if (listener != null) {
            listener.nextTask(task.name());
            config.addTrainingListeners(listener);
        }
        int steps = protocol.steps(images.count());
        int perEpoch = protocol.stepsPerEpoch(images.count());
        Batches batches =
                new Batches(images, protocol, new Random(seed * 31 + task.name().hashCode()));
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(protocol.batchSize(), sequence.features()));
            for (int step = 1; step <= steps; step++) {
                try (Batch batch = batches.next(trainer.getManager())) {
                    step(trainer, batch);
                }
                if (step % perEpoch == 0) {
                    trainer.notifyListeners(l -> l.onEpoch(trainer));
                }
            }
        }
        return steps;
    }

    /** Does one training step as {@code EasyTrain} does it, on one device. */
    public static void step(Trainer trainer, Batch batch) {
        NDList predictions;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            predictions = trainer.forward(batch.getData(), batch.getLabels());
            NDArray loss = trainer.getLoss().evaluate(batch.getLabels(), predictions);
            collector.backward(loss);
        }
        BatchData data =
                new BatchData(
                        batch,
                        Map.of(trainer.getDevices()[0], batch.getLabels()),
                        Map.of(trainer.getDevices()[0], predictions));
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, data));
        trainer.step();
    }

    private record TestedTask(DeviceImages images, NDArray mask) {}

    /** Draws batches: with replacement by iterations, shuffled without by epochs. */
    private static final class Batches {

        private final DeviceImages images;
        private final Protocol protocol;
        private final Random random;
        private List<Long> order = List.of();
        private int next;

        Batches(DeviceImages images, Protocol protocol, Random random) {
            this.images = images;
            this.protocol = protocol;
            this.random = random;
        }

        Batch next(NDManager manager) {
            if (protocol.epochs() == 0) {
                return images.batch(protocol.batchSize(), random, manager);
            }
            if (next == order.size()) {
                order = new ArrayList<>(LongStream.range(0, images.count()).boxed().toList());
                Collections.shuffle(order, random);
                next = 0;
            }
            int end = Math.min(order.size(), next + protocol.batchSize());
            long[] rows = order.subList(next, end).stream().mapToLong(Long::longValue).toArray();
            next = end;
            return images.batch(rows, manager);
        }
    }

    /**
     * What came out of a run.
     *
     * @param matrix accuracy after each task
     * @param trainSeconds wall time of training alone, consolidation included, tests not
     * @param processorSeconds what the process took of all processors in that time; other programs
     *     beside it disturb it less than the wall time
     * @param steps training steps
     */
    public record Outcome(
            AccuracyMatrix matrix, double trainSeconds, double processorSeconds, long steps) {}
}
