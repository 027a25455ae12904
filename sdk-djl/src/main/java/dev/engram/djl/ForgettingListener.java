package dev.engram.djl;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import com.google.inject.Module;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.check.GraphOptimizer;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.djl.wiring.EngramModule;
import dev.engram.kit.rows.Subjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a model from forgetting: add it to the {@code TrainingConfig}, train as before.
 *
 * <pre>{@code
 * ForgettingListener memory = ForgettingListener.builder().addStrategy("ewc").build();
 * TrainingConfig config = new DefaultTrainingConfig(loss).addTrainingListeners(memory);
 * }</pre>
 *
 * <p>One {@code Trainer} trains one task, which is learnt when the trainer closes, or this
 * listener, after one whole epoch or more; name the boundaries yourself with {@link #nextTask} and
 * {@link #endTask} where one trainer trains several. A training that failed or was broken off
 * within an epoch is not learnt, and a warning says so. Use the same listener for all tasks, or a
 * new one over the same memory directory, also in another process.
 *
 * <p>DJL calls it on the training thread; it is not safe for concurrent trainings. Close it when no
 * more tasks follow: what is in its memory directory stays.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ForgettingListener extends TrainingListenerAdapter implements AutoCloseable {

    private final Guards guards;
    private final TaskHistory history;
    private final ListenerOptions options;
    private final GuardedTraining training;
    private final TaskBoundaries boundaries;
    private final BaseModels bases;
    private final ServedTasks served;
    private final SubjectErasure erasure;
    private boolean isClosed;

    ForgettingListener(Guards guards, TaskHistory history, ListenerOptions options) {
        this.guards = guards;
        this.history = history;
        this.options = options;
        this.training = new GuardedTraining(guards, history, options);
        this.boundaries = new TaskBoundaries(training, history);
        this.bases = new BaseModels(guards, history, options, training);
        this.served = new ServedTasks(guards, history, options, training);
        this.erasure = new SubjectErasure(guards, history, training);
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Names the task that trains next; without it tasks are called {@code task-1}, {@code task-2},
     * ...
     *
     * <p>If a task trains at the moment it is ended first, as by {@link #endTask}.
     *
     * @throws EngramException if the name is blank, or the memory already has a task of that name
     */
    public void nextTask(String name) {
        requireOpen();
        boundaries.next(name);
    }

    /**
     * Ends the task that trains now and learns it, whether or not an epoch has ended.
     *
     * @throws EngramException if no task is in training
     */
    public void endTask() {
        boundaries.end();
    }

    /**
     * Remembers a base model that was trained elsewhere, from a data set of its old task.
     *
     * @param model the model, with initialised parameters
     * @param dataset samples of the old task with their labels; a bounded uniform sample is used
     * @param loss the loss under which it was trained
     */
    public void remember(Model model, Dataset dataset, Loss loss) {
        requireOpen();
        bases.learn(model, dataset, loss);
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
        requireOpen();
        bases.anchor(model);
    }

    /**
     * Removes every sample of a subject from all guards, their stores and the memory directory.
     *
     * <p>In the directory a new generation is written and all earlier ones go, because they hold
     * the samples, too. Weights, importances and running statistics that were learnt from the
     * samples stay. The logger {@code dev.engram.audit} gets a line with the time, a pseudonym of
     * the subject (see {@link dev.engram.djl.privacy.ErasureAudit}), and how many samples were
     * removed; the name itself is written nowhere. A guard that fails keeps the others from
     * nothing: all failures are told at the end.
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
        return erasure.erase(subject);
    }

    /** Returns the tasks learnt so far, in order, those of earlier processes included. */
    public List<LearntTask> tasks() {
        return history.tasks();
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
        return served.registry(model);
    }

    /**
     * Gives a model's BatchNorm layers the running statistics with which a task was learnt.
     *
     * <p>No strategy holds them, because no gradient moves them: every training pass does, so that
     * after another task a model normalises by that task's inputs. Where the task of a request is
     * known, call this before it is answered, and with the newest task's name before the next
     * training. Weights stay as they are. Not while another thread runs the model.
     *
     * @param model the model that learnt the task, as it is now, in this process or another
     * @param task the name of a task in {@link #tasks}
     * @throws EngramException if there is no such task, no statistics of it are kept, the model has
     *     others, a trainer trains, or tasks have parameters of their own: those bring their
     *     statistics with them ({@link TaskRegistry#handle})
     */
    public void useStatistics(Model model, String task) {
        requireOpen();
        served.useStatistics(model, task);
    }

    /**
     * Opens what is kept here, for what works on the model between its trainings, such as {@code
     * Sleep} of engram-plugin-sleep: {@code Sleep.builder().optMemory(memory::sleeping)}.
     *
     * @param model the one that learnt the tasks, with its values
     * @return to be closed before the next training
     * @throws EngramException if a trainer trains, tasks have parameters of their own, the last
     *     layer is solved and not trained, the model is another one, or another process writes to
     *     the memory directory
     */
    public SleepingMemory sleeping(Model model) {
        requireOpen();
        return new SleepDoor(guards, history, options, training).open(model);
    }

    /**
     * Returns how strongly a guard acted when it was last measured.
     *
     * @param guard the guard's name, which is the strategy's id
     */
    public Optional<GuardEffect> effect(String guard) {
        return guards.effect(guard);
    }

    /**
     * Says that a model is the one that this memory is about, though its weights have nothing in
     * common with those that the tasks here were learnt with; without it such a model is refused.
     *
     * @param model the model that trains next
     * @throws EngramException where tasks have parameters of their own: over another base they
     *     would answer something else
     */
    public void continueWith(Model model) {
        requireOpen();
        Block block = Given.block(model, "continueWith");
        if (isolates()) {
            throw new EngramException(
                    "Tasks with parameters of their own answer as they learnt over their own base"
                            + " alone: load the model that they were learnt on, or use another"
                            + " memory directory");
        }
        history.adopt(block);
    }

    /**
     * Says that samples that were kept of some tasks are lost for good: training goes on, and what
     * is left of them is rehearsed.
     *
     * <p>Without it a training is refused before its first step where a replay store does not hold
     * what the memory knows of, because those tasks would be forgotten without protection. Call it
     * once, for the tasks that the error names; what is written after the next task is learnt no
     * longer knows of the lost samples. Where data of such a task is at hand, {@link #remember} it
     * under a new name.
     *
     * @param tasks their names
     */
    public void continueWithout(String... tasks) {
        requireOpen();
        Given.require(tasks, "continueWithout", "the list of tasks", "their names");
        for (String task : tasks) {
            Given.require(task, "continueWithout", "a task", "its name");
        }
        guards.continueWithout(Set.copyOf(List.of(tasks)));
    }

    @Override
    public void onTrainingBegin(Trainer trainer) {
        requireOpen();
        GraphOptimizer.rest(trainer.getModel().getBlock());
        training.begin(trainer, this);
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batch) {
        if (training.session() == null) {
            requireOpen();
        }
        training.batch(trainer, batch, this);
    }

    @Override
    public void onValidationBatch(Trainer trainer, BatchData batch) {
        training.validationBatch();
    }

    @Override
    public void onEpoch(Trainer trainer) {
        training.epoch();
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
        training.end(trainer);
    }

    /**
     * Frees all arrays; the memory directory stays as it is. A trainer that still trains counts as
     * closed: its task is learnt if whole epochs of it were trained.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try {
            training.close();
        } finally {
            history.warnOfLoss();
            guards.close();
        }
    }

    private void requireOpen() {
        if (isClosed) {
            throw new EngramException(
                    "This listener is closed: build a new one, over the same memory directory");
        }
    }

    /** Builds a {@link ForgettingListener}. */
    @Stable(since = "0.1", implementedBy = "nobody")
    public static final class Builder {

        private static final int DEFAULT_SAMPLE = 2000;

        final Map<String, Map<String, ?>> strategies = new LinkedHashMap<>();
        final List<ForgettingGuard> guards = new ArrayList<>();
        final List<StrategyProvider> providers = new ArrayList<>();
        final List<Module> modules = new ArrayList<>();
        @Nullable Path memory;
        int sampleCapacity = DEFAULT_SAMPLE;
        long seed = 1;
        Subjects subjects = batch -> List.of();
        @Nullable ClassLoader loader;
        int accumulation;
        Base base = Base.WARN;
        double baseStrength = 1;

        Builder() {}

        /** Adds a strategy by id, such as {@code ewc}, with its default settings. */
        public Builder addStrategy(String id) {
            return addStrategy(id, Map.of());
        }

        /**
         * Adds a strategy by id with settings; those that rehearse act first, then the others in
         * the order in which they are added.
         *
         * @param settings values by key, as their own type or as text
         */
        public Builder addStrategy(String id, Map<String, ?> settings) {
            Given.require(id, "addStrategy", "\"ewc\"");
            Given.require(
                    settings, "addStrategy", "the map of settings", "Map.of() for the defaults");
            settings.forEach(
                    (key, value) -> {
                        Given.require(key, "addStrategy", "a setting's key", "its name");
                        Given.require(
                                value, "addStrategy", "setting " + key, "a value, or leave it out");
                    });
            if (strategies.putIfAbsent(id, Map.copyOf(settings)) != null) {
                throw new EngramException("Strategy \"" + id + "\" was added twice");
            }
            return this;
        }

        /**
         * Makes a strategy known that no {@code META-INF/services} names; {@link
         * #addStrategy(String)} then takes it by its id.
         */
        public Builder addProvider(StrategyProvider provider) {
            providers.add(Given.require(provider, "addProvider", "a provider that you built"));
            return this;
        }

        /**
         * Adds a guard that was built by hand; it acts as if it had been added after all
         * strategies.
         *
         * <p>The listener closes it.
         */
        public Builder addGuard(ForgettingGuard guard) {
            guards.add(Given.require(guard, "addGuard", "a guard that you built"));
            return this;
        }

        /**
         * Adds a way of isolating parameters that was built by hand; the listener closes it.
         *
         * @see ForgettingListener#tasks(ai.djl.Model)
         */
        public Builder addIsolation(ParameterIsolation isolation) {
            return addGuard(
                    new IsolationGuard(
                            Given.require(isolation, "addIsolation", "one that you built")));
        }

        /** Sets the memory directory, read now and written after each task; none unless set. */
        public Builder optMemory(Path directory) {
            this.memory = Given.require(directory, "optMemory", "Path.of(\"memory\")");
            return this;
        }

        /**
         * Sets how many samples of a task are kept for its consolidation, 1 or more; 2,000 unless
         * set.
         */
        public Builder optSampleCapacity(int samples) {
            this.sampleCapacity = samples;
            return this;
        }

        /** Sets the seed of the choice of those samples; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets what says whom samples are about, for {@link ForgettingListener#erase}; nobody
         * unless set.
         */
        public Builder optSubjects(Subjects subjects) {
            Subjects given = Given.require(subjects, "optSubjects", "batch -> List.of()");
            this.subjects =
                    batch ->
                            Given.require(
                                    given.of(batch),
                                    "optSubjects",
                                    "the list that it returned for a batch",
                                    "an empty one where nobody is known");
            return this;
        }

        /**
         * Sets what is done about a model that has values of which the memory knows nothing; the
         * listener says that they are not protected unless set.
         */
        public Builder optBase(Base base) {
            this.base = Given.require(base, "optBase", "Base.PROTECT");
            return this;
        }

        /**
         * Sets how firmly {@link Base#PROTECT} holds what the base answers: the factor of what it
         * adds to the gradient, above 0 up to 100; 1 unless set.
         *
         * <p>At 1 that is at most as long as the loop's own gradient. More keeps more of the base,
         * and the new task is learnt more slowly and less well; less lets it be learnt better, and
         * more of the base goes. {@code docs/pretrained-models.md} has figures.
         */
        public Builder optBaseStrength(double strength) {
            this.baseStrength = strength;
            return this;
        }

        /**
         * Sets the class loader that sees the plug-ins; the thread's context class loader unless
         * set. Those that Engram's own class loader sees are found in either case.
         */
        public Builder optClassLoader(ClassLoader loader) {
            this.loader = Given.require(loader, "optClassLoader", "Plugin.class.getClassLoader()");
            return this;
        }

        /**
         * Sets how many batches make one step of the optimizer, where the loop updates the weights
         * past {@code trainer.step()}. Steps of the trainer are heard of by themselves, however
         * many batches they take.
         */
        public Builder optAccumulation(int batches) {
            this.accumulation = batches;
            return this;
        }

        /** Adds a Guice module that overrides bindings of {@link EngramModule}. */
        public Builder addModule(Module module) {
            modules.add(Given.require(module, "addModule", "a Guice module"));
            return this;
        }

        /**
         * Checks everything that can be told before a strategy is created or the memory is read.
         *
         * @throws EngramException if {@link #build} is sure to fail, with all reasons at once
         */
        public void check() {
            new ListenerAssembly(this).check();
        }

        /**
         * Builds the listener and reads its memory.
         *
         * @throws EngramException if options are out of bounds, a strategy is unknown, settings are
         *     wrong, strategies conflict (all of these are told at once), two guards have one name,
         *     or the memory is damaged
         */
        public ForgettingListener build() {
            return new ListenerAssembly(this).build();
        }
    }
}
