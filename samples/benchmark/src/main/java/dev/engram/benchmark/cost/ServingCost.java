package dev.engram.benchmark.cost;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import dev.engram.benchmark.results.RunResult;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Serves four tasks over one base: how long a switch takes, and whether requests of many threads
 * get exactly the outputs that one thread gets.
 */
public final class ServingCost {

    private static final int TASKS = 4;
    private static final int THREADS = 8;
    private static final int WIDTH = 32;
    private static final int SEQUENCE = 8;
    private static final int CLASSES = 15;
    private static final int SWITCHES = 10_000;
    private static final int STEPS = 20;

    private final int requests;
    private final Presets presets;

    /**
     * Creates it.
     *
     * @param requests of each thread for each task
     */
    public ServingCost(int requests, Presets presets) {
        this.requests = requests;
        this.presets = presets;
    }

    public List<RunResult> run(List<String> strategies) {
        List<RunResult> results = new ArrayList<>();
        for (String strategy : strategies) {
            if (!strategy.equals("none")) {
                results.add(serve(strategy));
            }
        }
        return results;
    }

    private RunResult serve(String strategy) {
        var builder = ForgettingListener.builder();
        presets.settings("isolation-serving", Scenario.TASK, strategy)
                .forEach(builder::addStrategy);
        try (Model model = model();
                ForgettingListener listener = builder.build()) {
            for (int task = 0; task < TASKS; task++) {
                train(model, listener);
            }
            TaskRegistry tasks = listener.tasks(model);
            tasks.install();
            RunResult result = new RunResult("isolation-serving", null, strategy, null);
            result.stepMillis = switching(model, tasks, strategy);
            long wrong = together(model, tasks, strategy);
            if (wrong > 0) {
                throw new IllegalStateException(wrong + " requests got other outputs");
            }
            return result;
        }
    }

    private static Model model() {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("encoder");
        SequentialBlock block = new SequentialBlock();
        for (int layer = 0; layer < 2; layer++) {
            block.add(new TransformerEncoderBlock(WIDTH, 4, 4 * WIDTH, 0, Activation::gelu));
        }
        block.add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                .add(Linear.builder().setUnits(CLASSES).build());
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, SEQUENCE, WIDTH));
        model.setBlock(block);
        return model;
    }

    private static void train(Model model, ForgettingListener listener) {
        DefaultTrainingConfig config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss());
        try (Trainer trainer = model.newTrainer(config.addTrainingListeners(listener))) {
            for (int step = 0; step < STEPS; step++) {
                NDManager scope = trainer.getManager().newSubManager();
                NDArray inputs = scope.randomNormal(new Shape(16, SEQUENCE, WIDTH));
                NDArray labels = scope.randomInteger(0, CLASSES, new Shape(16), DataType.INT64);
                Batch batch =
                        new Batch(
                                scope,
                                new NDList(inputs),
                                new NDList(labels),
                                16,
                                null,
                                null,
                                step,
                                STEPS);
                SequenceRun.step(trainer, batch);
                batch.close();
            }
            listener.endTask();
        }
    }

    /** Returns the milliseconds between asking for a task and being able to run it. */
    private static double switching(Model model, TaskRegistry tasks, String strategy) {
        List<String> names = tasks.tasks();
        double[] millis = new double[SWITCHES];
        double[] first = new double[SWITCHES];
        double[] second = new double[SWITCHES];
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray inputs = manager.randomNormal(new Shape(1, SEQUENCE, WIDTH));
            for (int i = 0; i < SWITCHES; i++) {
                long begin = System.nanoTime();
                tasks.activate(names.get(i % TASKS));
                millis[i] = (System.nanoTime() - begin) / 1e6;
                first[i] = pass(model, inputs);
                second[i] = pass(model, inputs);
            }
        }
        System.out.printf(
                "%s: switching takes %.4f ms (median; greatest %.3f); the pass after it %.3f ms,"
                        + " the next %.3f ms%n",
                strategy,
                StepTimes.median(millis),
                Arrays.stream(millis).max().orElse(0),
                StepTimes.median(first),
                StepTimes.median(second));
        return StepTimes.median(millis);
    }

    private static double pass(Model model, NDArray inputs) {
        long begin = System.nanoTime();
        try (NDManager scope = NDManager.subManagerOf(inputs)) {
            NDArray here = inputs.stopGradient();
            here.attach(scope);
            model.getBlock().forward(new ParameterStore(scope, false), new NDList(here), false);
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private long together(Model model, TaskRegistry tasks, String strategy) {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray inputs = manager.randomNormal(new Shape(1, SEQUENCE, WIDTH));
            Map<String, float[]> alone = pool.submit(() -> alone(tasks, inputs)).get();
            long begin = System.nanoTime();
            List<Future<Long>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                running.add(pool.submit(() -> wrong(tasks, inputs, alone, first)));
            }
            long wrong = 0;
            for (Future<Long> one : running) {
                wrong += one.get();
            }
            System.out.printf(
                    "%s: %,d requests of %d threads for %d tasks in %.1f s, %d with other outputs"
                            + " than on one thread%n",
                    strategy,
                    (long) THREADS * TASKS * requests,
                    THREADS,
                    TASKS,
                    (System.nanoTime() - begin) / 1e9,
                    wrong);
            return wrong;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("A thread that served failed", e);
        } finally {
            pool.shutdown();
        }
    }

    private static Map<String, float[]> alone(TaskRegistry tasks, NDArray inputs) {
        Map<String, float[]> alone = new LinkedHashMap<>();
        tasks.tasks().forEach(task -> alone.put(task, outputs(tasks, task, inputs)));
        return alone;
    }

    private long wrong(TaskRegistry tasks, NDArray inputs, Map<String, float[]> alone, int first) {
        List<String> names = tasks.tasks();
        long wrong = 0;
        for (long request = 0; request < (long) TASKS * requests; request++) {
            String task = names.get((int) ((first + request) % TASKS));
            if (!Arrays.equals(outputs(tasks, task, inputs), alone.get(task))) {
                wrong++;
            }
        }
        return wrong;
    }

    private static float[] outputs(TaskRegistry tasks, String task, NDArray inputs) {
        try (NDManager scope = NDManager.subManagerOf(inputs)) {
            NDArray here = inputs.stopGradient();
            here.attach(scope);
            return tasks.handle(task).predict(new NDList(here)).head().toFloatArray();
        }
    }
}
