package dev.engram.quickstart.memory;

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
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.files.Safetensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A memory directory that stays in the repository as it was written, with the weights that the
 * model had then and, of tasks with parameters of their own, what they answered.
 *
 * @param folder where it lies
 * @param id of the strategy
 */
record KeptMemory(Path folder, String id) {

    private static final int CLASSES = 2;
    private static final int LENGTH = 4;
    private static final int TOKENS = 8;
    private static final int SAMPLES = 16;
    private static final int BATCH = 8;
    private static final String ANSWERS = "answers";

    private static final Set<String> NEED_LAYERS_THEY_KNOW =
            Set.of("adapters", "prompt-tuning", "prefix-tuning", "prompt-pool");

    /** Numbers of tokens are none. */
    private static final Set<String> NEED_AMOUNTS = Set.of("mixture", "vae");

    /** It rehearses what a language model writes. */
    private static final Set<String> NEED_NEXT_TOKENS = Set.of("self-rehearsal");

    /** Small, so that what is kept is, too, and acting at each step. */
    private static final Map<String, Map<String, ?>> SETTINGS =
            Map.ofEntries(
                    Map.entry("er", Map.of("every", 1, "samples", 8)),
                    Map.entry("er-ace", Map.of("samples", 8)),
                    Map.entry("a-gem", Map.of("samples", 8)),
                    Map.entry("der", Map.of("samples", 8)),
                    Map.entry("der-plus-plus", Map.of("samples", 8)),
                    Map.entry(
                            "mixture",
                            Map.of("least-samples", 4, "components", 2, "rank", 1, "share", 0.5)),
                    Map.entry(
                            "vae",
                            Map.of("least-samples", 4, "hidden", 4, "latent", 2, "share", 0.5)),
                    Map.entry(
                            "self-rehearsal", Map.of("texts", 8, "keep", true, "longest-copy", 0)),
                    Map.entry("prompt-tuning", Map.of("length", 2)),
                    Map.entry("prefix-tuning", Map.of("length", 2)),
                    Map.entry("prompt-pool", Map.of("length", 2)));

    Path memory() {
        return folder.resolve("memory");
    }

    private Path weights() {
        return folder.resolve("weights.safetensors");
    }

    private Path answers() {
        return folder.resolve("answers.safetensors");
    }

    /** Trains a first task and keeps what there is then. */
    void write() throws IOException {
        Files.createDirectories(folder);
        try (Model model = model();
                NDManager scratch = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener(memory())) {
            fit(model, listener, 0);
            Map<String, NDArray> values = new LinkedHashMap<>();
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                values.put(entry.getKey(), entry.getValue().getArray());
            }
            write(values, weights());
            if (isolates(listener, model)) {
                write(Map.of(ANSWERS, answer(listener, model, scratch)), answers());
            }
        }
        Files.delete(memory().resolve("lock"));
    }

    private static void write(Map<String, NDArray> tensors, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            Safetensors.write(tensors, out);
        }
    }

    static boolean isolates(ForgettingListener listener, Model model) {
        try {
            return !listener.tasks(model).tasks().isEmpty();
        } catch (EngramException e) {
            return false;
        }
    }

    static NDArray answer(ForgettingListener listener, Model model, NDManager manager) {
        NDList inputs = new NDList(manager.create(ids(1), new Shape(SAMPLES, LENGTH)));
        NDArray answers = listener.tasks(model).handle("task-1").predict(inputs).head();
        answers.attach(manager);
        return answers;
    }

    /** Returns what the first task answered when it was kept. */
    NDArray answers(NDManager manager) throws IOException {
        return Safetensors.read(answers(), manager).get(ANSWERS);
    }

    ForgettingListener listener(Path directory) {
        return ForgettingListener.builder()
                .addStrategy(id, SETTINGS.getOrDefault(id, Map.of()))
                .optMemory(directory)
                .build();
    }

    /** Returns the model as it was when the memory was written. */
    Model modelThen() throws IOException {
        Model model = model();
        try (NDManager scratch = NDManager.newBaseManager(Device.cpu())) {
            Map<String, NDArray> values = Safetensors.read(weights(), scratch);
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                NDArray array = entry.getValue().getArray();
                array.setRequiresGradient(false);
                array.set(values.get(entry.getKey()).toByteBuffer());
                array.setRequiresGradient(entry.getValue().requiresGradient());
            }
        }
        return model;
    }

    private Model model() {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("kept", Device.cpu());
        Block block = block();
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(BATCH, LENGTH));
        model.setBlock(block);
        return model;
    }

    private Block block() {
        if (NEED_NEXT_TOKENS.contains(id)) {
            return NextTokens.model(TOKENS);
        }
        return NEED_LAYERS_THEY_KNOW.contains(id) ? transformer() : layers();
    }

    private static Block layers() {
        return new SequentialBlock()
                .add(list -> new NDList(list.head().toType(DataType.FLOAT32, false).div(TOKENS)))
                .add(Linear.builder().setUnits(3).build())
                .add(Activation.tanhBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static Block transformer() {
        return new SequentialBlock()
                .add(list -> new NDList(list.head(), list.head().zerosLike(), seen(list)))
                .add(bert())
                .add(list -> new NDList(list.get(1)))
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static NDArray seen(NDList ids) {
        return ids.head().gt(0).toType(DataType.INT64, false);
    }

    private static BertBlock bert() {
        return BertBlock.builder()
                .setTokenDictionarySize(TOKENS)
                .optEmbeddingSize(4)
                .optTransformerBlockCount(1)
                .optAttentionHeadCount(2)
                .optHiddenSize(8)
                .optMaxSequenceLength(LENGTH)
                .build();
    }

    private static long[] ids(int task) {
        return new Random(task).longs((long) SAMPLES * LENGTH, 1, TOKENS).toArray();
    }

    /** The task tells which classes the first token is of. */
    private static NDArray classes(long[] ids, int task, NDManager manager) {
        float[] labels = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = (ids[i * LENGTH] + task) % CLASSES;
        }
        return manager.create(labels);
    }

    void fit(Model model, ForgettingListener listener, int task) {
        long[] ids = ids(task);
        boolean isText = NEED_NEXT_TOKENS.contains(id);
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-2f)).build();
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(
                                                isText
                                                        ? NextTokens.loss()
                                                        : Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(adam)
                                        .addTrainingListeners(listener))) {
            NDArray inputs = inputs(manager.create(ids, new Shape(SAMPLES, LENGTH)));
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(inputs)
                            .optLabels(isText ? NextTokens.of(inputs) : classes(ids, task, manager))
                            .setSampling(BATCH, false)
                            .build();
            EasyTrain.fit(trainer, 2, data, null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private NDArray inputs(NDArray ids) {
        return NEED_AMOUNTS.contains(id) ? ids.toType(DataType.FLOAT32, false) : ids;
    }

    static List<String> learnt(ForgettingListener listener) {
        return listener.tasks().stream().map(LearntTask::name).toList();
    }
}
