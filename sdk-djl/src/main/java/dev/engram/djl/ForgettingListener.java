package dev.engram.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.spi.Need;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.privacy.Erasure;
import dev.engram.djl.internal.training.EvaluationBlocks;
import dev.engram.djl.internal.training.Guards;
import dev.engram.djl.internal.training.TaskSession;
import dev.engram.djl.internal.training.TrainerCheck;
import dev.engram.djl.isolation.IsolationGuard;
import dev.engram.djl.isolation.TaskRegistry;
import dev.engram.djl.memory.LearntTask;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a model from forgetting: add it to the {@code TrainingConfig}, train as before.
 *
 * <pre>{@code
 * ForgettingListener memory = ForgettingListener.builder().addStrategy("ewc").build();
 * TrainingConfig config = new DefaultTrainingConfig(loss).addTrainingListeners(memory);
 * }</pre>
 *
 * <p>One {@code Trainer} trains one task, which is learnt when the trainer closes after one whole
 * epoch or more; name the boundaries yourself with {@link #nextTask} and {@link #endTask} where one
 * trainer trains several. A training that failed or was broken off within an epoch is not learnt,
 * and a warning says so. Use the same listener for all tasks, or a new one over the same memory
 * directory, also in another process.
 *
 * <p>DJL calls it on the training thread; it is not safe for concurrent trainings. Close it when no
 * more tasks follow: what is in its memory directory stays.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ForgettingListener extends TrainingListenerAdapter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ForgettingListener.class);

    private final Guards guards;
    private final Remembered remembered;
    private final ListenerOptions options;
    private @Nullable Trainer trainer;
    private @Nullable TaskSession session;
    private @Nullable String nextName;
    private @Nullable Task upcoming;
    private boolean hasHeardBatches;
    private boolean isClosed;

    ForgettingListener(Guards guards, Remembered remembered, ListenerOptions options) {
        this.guards = guards;
        this.remembered = remembered;
        this.options = options;
    }

    /** Returns a builder. */
    public static ForgettingListenerBuilder builder() {
        return new ForgettingListenerBuilder();
    }

    /**
     * Names the task that trains next; without it tasks are called {@code task-1}, {@code task-2},
     * ...
     *
     * <p>If a task trains at the moment it is ended first, as by {@link #endTask}.
     *
     * @throws EngramException if the memory already has a task of that name
     */
    public void nextTask(String name) {
        Task task = Task.named(name);
        TaskSession current = session;
        boolean trains = current != null && current.hasStarted();
        if (current != null && trains) {
            requireOther(current.task(), task);
        }
        remembered.requireNew(name);
        if (trains) {
            endTask();
        }
        nextName = name;
    }

    /**
     * Ends the task that trains now and learns it, whether or not an epoch has ended.
     *
     * @throws EngramException if no task is in training
     */
    public void endTask() {
        TaskSession current = session;
        if (current == null || !current.hasStarted()) {
            throw new EngramException(
                    "No task is in training: endTask() belongs after its last batch");
        }
        learn(current);
    }

    /**
     * Remembers a base model that was trained elsewhere, from a data set of its old task.
     *
     * @param model the model, with initialised parameters
     * @param dataset samples of the old task with their labels; a bounded uniform sample is used
     * @param loss the loss under which it was trained
     */
    public void remember(Model model, Dataset dataset, Loss loss) {
        requireRememberable();
        new BaseTask(guards, remembered, model).learn(this::takeName, dataset, loss, options);
    }

    /**
     * Remembers a base classifier that was trained elsewhere with softmax cross-entropy on logits.
     *
     * @see #remember(Model, Dataset, Loss)
     */
    public void remember(Model model, Dataset dataset) {
        remember(model, dataset, Loss.softmaxCrossEntropyLoss());
    }

    /**
     * Remembers a base model of which no data is at hand: holds all its weights equally firmly.
     *
     * @param model the model, with initialised parameters
     */
    public void remember(Model model) {
        requireRememberable();
        new BaseTask(guards, remembered, model).anchor(this::takeName);
    }

    /**
     * Removes every sample of a subject from all guards, their stores and the memory directory.
     *
     * <p>In the directory a new generation is written and all earlier ones go, because they hold
     * the samples, too. Weights and importances that were learnt from the samples stay. The logger
     * {@code dev.engram.audit} gets a line with the time, a pseudonym of the subject (see {@link
     * dev.engram.djl.privacy.ErasureAudit}), and how many samples were removed; the name itself is
     * written nowhere. A guard that fails keeps the others from nothing: all failures are told at
     * the end.
     *
     * <p>A listener that has seen no model yet reads its memory onto the engine's default device.
     * Call it on the training thread, or while nothing trains.
     *
     * @param subject the name, as {@code optSubjects} gives it, not empty
     * @return how many samples the guards removed; those kept for the consolidation of the task
     *     that trains now go, too, and are not counted
     * @throws EngramException if the name is empty, the listener is closed, or samples may be left
     *     because a guard or the memory directory failed, naming each
     */
    public long erase(String subject) {
        requireOpen();
        if (subject.isEmpty()) {
            throw new EngramException("erase(\"\"): samples of nobody are not erased; give a name");
        }
        Erasure erasure = new Erasure(subject);
        erasure.run(this::openForErasure);
        TaskSession current = session;
        if (current != null) {
            erasure.run(() -> current.erase(subject));
        }
        guards.erase(subject, erasure);
        erasure.run(() -> remembered.rewrite(guards));
        return erasure.finish(remembered.audit());
    }

    private void openForErasure() {
        if (!guards.isOpen()) {
            Engine engine = Engine.getInstance();
            guards.open(engine.defaultDevice(), engine.getEngineName(), remembered.restored());
        }
    }

    /** Returns the tasks learnt so far, in order, those of earlier processes included. */
    public List<LearntTask> tasks() {
        return remembered.tasks();
    }

    /** Returns whether a strategy here gives tasks parameters of their own, see {@link #tasks}. */
    public boolean isolates() {
        return options.isolation().isPresent();
    }

    /**
     * Returns the tasks that have parameters of their own over a model, to switch between them, or
     * to serve several at once; those in the memory directory are loaded.
     *
     * <p>The model is as it was until {@link TaskRegistry#install} is called. This listener closes
     * the registry.
     *
     * @param model the base, with its values, while no trainer trains it
     * @throws EngramException if no strategy here isolates parameters, if the model has no values,
     *     or if what is in memory was learnt on another base or with other settings, naming what
     *     differs
     */
    public TaskRegistry tasks(Model model) {
        requireOpen();
        IsolationGuard isolation =
                options.isolation()
                        .orElseThrow(
                                () ->
                                        new EngramException(
                                                "No strategy here gives tasks parameters of their"
                                                        + " own: add one, such as \"lora\""));
        if (trainer != null) {
            throw new EngramException("Close the trainer first: its task is not learnt yet");
        }
        BaseTask.requireValues(model.getBlock(), "of the tasks");
        NDManager models = model.getNDManager();
        guards.open(models.getDevice(), models.getEngine().getEngineName(), remembered.restored());
        return isolation.registry(model);
    }

    /**
     * Returns how strongly a guard acted when it was last measured.
     *
     * @param guard the guard's name, which is the strategy's id
     */
    public Optional<GuardEffect> effect(String guard) {
        return guards.effect(guard);
    }

    @Override
    public void onTrainingBegin(Trainer beginning) {
        requireOpen();
        if (trainer != null) {
            throw new EngramException(
                    "This listener still guards another trainer: close that one first, or build a"
                            + " listener for each");
        }
        TrainerCheck.requireInTurn(beginning);
        Block block = beginning.getModel().getBlock();
        requireNeeds(block);
        if (block.isInitialized()) {
            remembered.requireFits(block);
        }
        options.isolation().ifPresent(guard -> install(guard, beginning));
        trainer = beginning;
        hasHeardBatches = false;
    }

    private void install(IsolationGuard guard, Trainer beginning) {
        TrainerCheck.requireOnModelsDevice(beginning);
        guard.install(beginning.getModel(), () -> name(beginning));
    }

    @Override
    public void onTrainingBatch(Trainer training, BatchData batch) {
        hasHeardBatches = true;
        TaskSession current = session;
        if (current == null) {
            requireOpen();
            current = begin(training);
            session = current;
            if (!options.rehearses()) {
                current.watchSharedHead(remembered.classes());
            }
        }
        current.batch(batch);
    }

    @Override
    public void onEpoch(Trainer training) {
        if (session != null) {
            session.epoch();
        } else if (!hasHeardBatches) {
            LOG.warn(
                    "An epoch ended, but this listener heard of no batch: NOTHING is protected."
                            + " Train with EasyTrain.fit or EasyTrain.trainBatch, or notify the"
                            + " listeners of onTrainingBatch after each backward pass and before"
                            + " trainer.step().");
        }
    }

    /** Ends the training of this trainer; of others, such as one closed twice, it knows nothing. */
    @Override
    public void onTrainingEnd(Trainer ending) {
        // DJL's finalizer ends trainers that were refused, or closed already, at any later time.
        if (ending != trainer) {
            return;
        }
        TaskSession current = session;
        trainer = null;
        try {
            if (current != null && current.isLearnt()) {
                learn(current);
            } else if (current != null) {
                drop(current);
            }
        } finally {
            upcoming = null;
            options.isolation().ifPresent(IsolationGuard::takeOff);
        }
    }

    /** Frees all arrays; the memory directory stays as it is. */
    @Override
    public void close() {
        isClosed = true;
        try {
            if (session != null) {
                drop(session);
            }
        } finally {
            guards.close();
        }
    }

    /** Whatever a guard does when its task is dropped, the listener is free for the next one. */
    private void drop(TaskSession current) {
        session = null;
        try (current) {
            current.abort();
        }
    }

    private void requireOpen() {
        if (isClosed) {
            throw new EngramException(
                    "This listener is closed: build a new one, over the same memory directory");
        }
    }

    private static void requireOther(Task current, Task next) {
        if (current.equals(next)) {
            throw new EngramException(
                    "Task \"%s\" is the one that trains now: give the next one another name"
                            .formatted(next.name()));
        }
    }

    private TaskSession begin(Trainer training) {
        Task task = upcoming == null ? name(training) : upcoming;
        upcoming = null;
        return new TaskSession(
                task,
                training,
                guards,
                options.newTrainingSample(guards.manager()),
                options.subjects(),
                options.accumulation());
    }

    /** Names the task that begins, once the memory is found to be about this model. */
    private Task name(Trainer training) {
        Block block = training.getModel().getBlock();
        remembered.requireFits(block);
        remembered.requireWritable();
        remembered.warnOfOtherWeights(block);
        EvaluationBlocks.of(block);
        Device device = training.getDevices()[0];
        guards.open(
                device, training.getManager().getEngine().getEngineName(), remembered.restored());
        Task task = takeName();
        upcoming = task;
        return task;
    }

    private void learn(TaskSession current) {
        session = null;
        try (current) {
            Block block = current.block();
            remembered.add(current.learn(), guards, block);
        }
        LOG.info("Task \"{}\" is learnt; {} tasks in memory", current.task(), tasks().size());
    }

    private Task takeName() {
        String name = nextName;
        nextName = null;
        return Task.named(name == null ? remembered.freeName() : name);
    }

    private void requireNeeds(Block block) {
        if (options.needs().contains(Need.BLOCK_ACCESS)
                && EvaluationBlocks.holdsTorchScript(block)) {
            throw new EngramException(
                    "A strategy on this listener needs access to every block, but the model holds a"
                            + " TorchScript block, which gives none");
        }
    }

    private void requireRememberable() {
        if (session != null) {
            throw new EngramException("Call remember(...) before training begins, not during it");
        }
        if (isolates()) {
            throw new EngramException(
                    "A base under tasks with parameters of their own stays as it is, so there is"
                            + " nothing to remember: load it and train, or serve tasks(model)");
        }
    }
}
