package dev.engram.benchmark.cost;

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
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.benchmark.results.RunResult;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Measures guarded against unguarded steps in alternation, so that both meet the same machine. */
public final class StepCost {

    /** The JVM compiles the listener's code for about so long; a training takes many more steps. */
    private static final int WARM_UP = 1000;

    private static final int STEPS_A_TASK = 5;

    /** Not a strategy's id: what Base.PROTECT alone costs over a model that has learnt a little. */
    private static final String BASE_OUTPUTS = "base-outputs";

    private static final int BLOCK = 20;

    private final Protocol shape;
    private final int controlBatch;
    private final List<Integer> taskCounts;
    private final Presets presets;
    private final TrainAndTest images;

    /**
     * Creates the measurement.
     *
     * @param controlBatch batch size of the unguarded steps: more than the guarded ones', to
     *     compare with rehearsal
     */
    public StepCost(
            Protocol shape,
            int controlBatch,
            List<Integer> taskCounts,
            Presets presets,
            TrainAndTest images) {
        this.shape = shape;
        this.controlBatch = controlBatch;
        this.taskCounts = taskCounts;
        this.presets = presets;
        this.images = images;
    }

    public List<RunResult> run(List<String> strategies) {
        List<RunResult> results = new ArrayList<>();
        for (String strategy : strategies) {
            if (!strategy.equals("none")) {
                for (int tasks : taskCounts) {
                    results.add(measure(strategy, tasks));
                }
            }
        }
        return results;
    }

    private RunResult measure(String strategy, int tasks) {
        Engine.getInstance().setRandomSeed(1);
        try (ForgettingListener listener = listener(strategy);
                Lane plain = new Lane(null, controlBatch);
                Lane guarded = new Lane(listener, shape.batchSize());
                Lane bare = new Lane(null, controlBatch)) {
            for (int i = 0; i < tasks; i++) {
                for (int step = 0; step < STEPS_A_TASK; step++) {
                    guarded.step();
                }
                listener.endTask();
            }
            LaneTimes plainTimes = new LaneTimes(shape.iterations());
            LaneTimes guardedTimes = new LaneTimes(shape.iterations());
            LaneTimes bareTimes = new LaneTimes(shape.iterations());
            for (int i = -WARM_UP; i < shape.iterations(); i++) {
                int slot = Math.max(0, i);
                // The order turns, so that no lane always profits from the one before it.
                for (int turn = 0; turn < 3; turn++) {
                    switch ((turn + slot) % 3) {
                        case 0 -> plainTimes.time(slot, plain::step);
                        case 1 -> guardedTimes.time(slot, guarded::step);
                        default -> bareTimes.time(slot, bare::fixedStep);
                    }
                }
            }
            return report(strategy, tasks, plainTimes, guardedTimes, bareTimes);
        }
    }

    private ForgettingListener listener(String strategy) {
        ForgettingListener.Builder builder = ForgettingListener.builder();
        if (strategy.equals(BASE_OUTPUTS)) {
            return builder.addGuard(new IdleGuard()).optBase(Base.PROTECT).build();
        }
        builder.optBase(Base.IGNORE);
        presets.settings(shape.name(), Scenario.DOMAIN, strategy).forEach(builder::addStrategy);
        return builder.build();
    }

    private RunResult report(
            String strategy, int tasks, LaneTimes plain, LaneTimes guarded, LaneTimes bare) {
        RunResult result = new RunResult(shape.name(), null, strategy, null);
        result.tasks = tasks;
        result.stepMillis = guarded.median();
        result.stepRatio = guarded.ratio(plain, BLOCK);
        result.stepProcessorRatio = guarded.processorRatio(plain, BLOCK);
        result.peakMegabytes = PeakMemory.megabytes();
        System.out.printf(
                "%s %s batch %d after %d tasks: guarded %.3f ms, unguarded with batch %d %.3f ms,"
                        + " median ratio of blocks of steps %.3f (ratio of medians %.3f, of"
                        + " processor time %.3f);"
                        + " unguarded over bare fixed batch %.3f%n",
                strategy,
                shape.hidden(),
                shape.batchSize(),
                tasks,
                guarded.median(),
                controlBatch,
                plain.median(),
                result.stepRatio,
                guarded.median() / plain.median(),
                result.stepProcessorRatio,
                plain.ratio(bare, BLOCK));
        return result;
    }

    /** A model with its trainer and data, all alike but for the listener. */
    private final class Lane implements AutoCloseable {

        private final int batchSize;
        private final Model model;
        private final DeviceImages data;
        private final Trainer trainer;
        private final Random random = new Random(1);
        private final Batch fixed;

        Lane(@Nullable ForgettingListener listener, int batchSize) {
            this.batchSize = batchSize;
            model = Mlp.model(shape.hidden(), images.train().classes());
            data = new DeviceImages(images.train(), model.getNDManager());
            // What trains begins with weights in every lane, so that a base can be protected.
            try (Trainer first = trainer(config())) {
                for (int step = 0; step < STEPS_A_TASK; step++) {
                    step(first);
                }
            }
            DefaultTrainingConfig config = config();
            if (listener != null) {
                config.addTrainingListeners(listener);
            }
            trainer = trainer(config);
            fixed = data.batch(batchSize, random, model.getNDManager());
        }

        private DefaultTrainingConfig config() {
            Tracker rate = Tracker.fixed(shape.learningRate());
            return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                    .optOptimizer(Optimizer.adam().optLearningRateTracker(rate).build());
        }

        private Trainer trainer(DefaultTrainingConfig config) {
            Trainer made = model.newTrainer(config);
            made.initialize(new Shape(batchSize, images.train().features()));
            return made;
        }

        private void step(Trainer training) {
            try (Batch batch = data.batch(batchSize, random, training.getManager())) {
                SequenceRun.step(training, batch);
            }
        }

        /** Does one step of the benchmark's own loop. */
        void step() {
            step(trainer);
            waitForDevice();
        }

        /** Does forward, backward and step on one batch that never changes. */
        void fixedStep() {
            // What a block computes belongs to the manager of its input: without one of its own the
            // lane would keep every activation, and page faults would slow all three down.
            try (NDManager scope = trainer.getManager().newSubManager();
                    GradientCollector collector = trainer.newGradientCollector();
                    NDList predictions = trainer.forward(in(scope), fixed.getLabels());
                    NDArray loss = trainer.getLoss().evaluate(fixed.getLabels(), predictions)) {
                collector.backward(loss);
            }
            trainer.step();
            waitForDevice();
        }

        private NDList in(NDManager scope) {
            NDArray handle = fixed.getData().head().stopGradient();
            handle.attach(scope);
            return new NDList(handle);
        }

        /** On a GPU the clock would otherwise measure the launches alone. */
        private void waitForDevice() {
            if (trainer.getDevices()[0].isGpu()) {
                try (NDArray scalar = trainer.getManager().create(0f);
                        NDArray sum = scalar.add(1)) {
                    sum.getFloat();
                }
            }
        }

        @Override
        public void close() {
            fixed.close();
            trainer.close();
            model.close();
        }
    }
}
