package dev.engram.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.BothWays;
import dev.engram.djl.internal.check.SharedHeadCheck;
import dev.engram.djl.internal.consolidation.Consolidator;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.djl.internal.parameters.StoreAccess;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** What a base model learnt elsewhere, taken in as a task. */
final class BaseTask {

    private final Guards guards;
    private final TaskHistory history;
    private final Model model;

    BaseTask(Guards guards, TaskHistory history, Model model) {
        this.guards = guards;
        this.history = history;
        this.model = model;
    }

    /** Consolidates a model from a uniform sample of its data. */
    void learn(Supplier<Task> name, Dataset dataset, Loss loss, ListenerOptions options) {
        consolidate(
                loss,
                (consolidator, manager) -> {
                    try (UniformSample sample = options.newSample(guards.manager())) {
                        long outputs = 0;
                        for (Batch batch : batches(dataset, manager)) {
                            try (batch) {
                                sample.observe(
                                        batch.getData(),
                                        batch.getLabels(),
                                        options.subjects().of(batch));
                                outputs = outputs > 0 ? outputs : outputs(consolidator, batch);
                            }
                        }
                        return consolidator.learn(name.get(), sample, outputs, 0);
                    }
                });
    }

    /** Holds all weights of a model equally firmly. */
    void anchor(Supplier<Task> name) {
        consolidate(
                Loss.softmaxCrossEntropyLoss(),
                (consolidator, manager) -> consolidator.anchor(name.get()));
    }

    private void consolidate(Loss loss, BiFunction<Consolidator, NDManager, LearntTask> work) {
        Block block = model.getBlock();
        requireValues(block, "to remember");
        BothWays.refuse(block, model.getNDManager().getEngine());
        history.requireFits(block);
        history.hold();
        try {
            consolidate(block, loss, work);
        } finally {
            history.release();
        }
    }

    private void consolidate(
            Block block, Loss loss, BiFunction<Consolidator, NDManager, LearntTask> work) {
        history.requireKin(block);
        NDManager models = model.getNDManager();
        guards.open(models.getDevice(), models.getEngine().getEngineName(), history.restored());
        try (NDManager manager = models.newSubManager()) {
            ParameterStore store = StoreAccess.plain(manager, models.getDevice());
            List<LiveParameter> live = LiveParameters.withFrozen(block, store, models.getDevice());
            try {
                Consolidator consolidator = new Consolidator(guards, block, store, live, loss);
                history.add(work.apply(consolidator, manager), guards, block);
            } finally {
                LiveParameters.release(live);
            }
        }
    }

    static void requireValues(Block block, String which) {
        if (block.getParameters().values().stream().anyMatch(p -> !p.isInitialized())) {
            throw new EngramException(
                    "The model %s has parameters without values: load it first".formatted(which));
        }
    }

    private static long outputs(Consolidator consolidator, Batch batch) {
        var predictions =
                consolidator
                        .block()
                        .forward(consolidator.store(), new NDList(batch.getData()), false);
        try (predictions) {
            return SharedHeadCheck.outputs(predictions.head());
        }
    }

    private static Iterable<Batch> batches(Dataset dataset, NDManager manager) {
        try {
            return dataset.getData(manager);
        } catch (IOException | TranslateException e) {
            throw unreadable(e);
        }
    }

    private static EngramException unreadable(Exception e) {
        return new EngramException(
                "remember(...): the data set cannot be read: %s. Mend that, such as its path, and call it again; nothing was remembered."
                        .formatted(e),
                e);
    }
}
