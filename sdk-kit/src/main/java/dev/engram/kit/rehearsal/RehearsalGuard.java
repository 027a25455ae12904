package dev.engram.kit.rehearsal;

import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayDriver;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.kit.calls.PluginCalls;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains on samples of earlier tasks beside each batch, within one listener.
 *
 * <p>After the user's backward pass it draws samples from a {@link ReplaySource}, runs the model on
 * them, and edits the gradients; then the source sees the new batch. Samples of other tasks than
 * the one that trains are drawn, with ER-ACE of all. It works on one device; several are refused,
 * because gradients of the others would stay as they are.
 *
 * <p>Its effect is empty where rehearsed samples called for no correction that could be measured;
 * an effect of zero is that of an epoch in which nothing was rehearsed.
 *
 * <p>Called by the listener on the training thread; closes its source.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RehearsalGuard implements ForgettingGuard, ReplayDriver {

    private static final Logger LOG = LoggerFactory.getLogger(RehearsalGuard.class);
    private static final int OBSERVED_AT_ONCE = 256;

    private final String name;
    private final ReplaySource source;
    private final Rehearsal rehearsal;
    private final TaskLosses losses = new TaskLosses();
    private final Rehearsing rehearsing;
    private final Set<String> tasks = new HashSet<>();
    private @Nullable Task begun;
    private boolean isRestored;
    private boolean hasObserved;

    RehearsalGuard(Builder builder, ReplaySource source) {
        this.name = builder.name;
        this.source = source;
        this.rehearsal = builder.rehearsal;
        this.rehearsing = new Rehearsing(builder, source, losses);
    }

    /** Returns a builder of a guard that does experience replay unless told otherwise. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ReplaySource source() {
        return source;
    }

    @Override
    public Set<String> roles() {
        return rehearsal.comparesGradients()
                ? Set.of(Role.REHEARSAL, Role.PROJECTION)
                : Set.of(Role.REHEARSAL);
    }

    @Override
    public boolean needsSamples() {
        return !source.isOnline();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        rehearsal.require(training);
        rehearsing.begin();
        hasObserved = false;
        begin(training);
    }

    /** From here on, and not before, the source may hold samples of the task that are its own. */
    private void begin(TrainingView training) {
        begun = null;
        losses.begin(training.task().name(), training.loss(), training.manager());
        source.onTaskBegin(training);
        requireNoLeftovers(training.task());
        begun = training.task();
    }

    /** Samples under the name of a task that only begins are of another process. */
    private void requireNoLeftovers(Task task) {
        if (!source.tasks().contains(task.name())) {
            return;
        }
        if (!isRestored) {
            throw new EngramException(
                    "The replay source already holds samples of a task \"%s\", so this one would not rehearse them. Name the tasks (nextTask), or go on from a memory directory (optMemory), or use another source."
                            .formatted(task.name()));
        }
        LOG.info(
                "{}: {} samples of \"{}\" are left from a training that died; they go",
                name,
                source.forget(task),
                task.name());
    }

    @Override
    public void onBackward(StepView step) {
        if (step.trainer().getDevices().length > 1) {
            throw new EngramException(
                    "Rehearsal works on one device, but the trainer has %s: train on one"
                            .formatted(step.trainer().getDevices().length));
        }
        int fresh = step.batches().stream().mapToInt(this::size).sum();
        rehearsing.step(step, fresh, tasks);
        if (fresh > 0) {
            hasObserved = true;
            step.batches().forEach(batch -> observe(step.task(), batch));
        }
    }

    private void observe(Task task, StepBatch batch) {
        source.observe(
                ObservedBatch.of(
                        task, batch.data(), batch.labels(), batch.predictions(), batch.subjects()));
    }

    private int size(StepBatch batch) {
        if (batch.data().isEmpty()) {
            throw new EngramException(
                    "\"%s\" keeps the inputs of each batch, but the loop notifies its listeners of batches without any: give BatchData the Batch, or take a strategy that keeps no samples, such as si"
                            .formatted(name));
        }
        return Math.toIntExact(batch.data().head().getShape().get(0));
    }

    @Override
    public void onEpoch(TrainingView training) {
        source.onEpoch();
        rehearsing.endEpoch(training, isRestored || !tasks.isEmpty());
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (!task.task().equals(begun)) {
            begin(task);
        }
        if (!hasObserved && source.isOnline()) {
            observeAll(task);
        }
        hasObserved = false;
        rehearsing.endTask(task.task());
        source.onTaskEnd(task);
        tasks.add(task.task().name());
    }

    /** A base model that is remembered was trained elsewhere: its samples come only now. */
    private void observeAll(FinishedTask task) {
        for (SampleBatch batch : task.samples(OBSERVED_AT_ONCE)) {
            source.observe(
                    ObservedBatch.of(
                            task.task(),
                            batch.data(),
                            batch.labels(),
                            task.predict(batch.data()),
                            batch.subjects()));
        }
    }

    /** A source that makes samples of the model needs no data of what it can do. */
    @Override
    public boolean protectsBase() {
        return source.protectsBase();
    }

    @Override
    public void onBase(FinishedTask base) {
        source.onBase(base);
        tasks.add(base.task().name());
    }

    /** Nothing goes of a task that could not begin: samples under its name are not its own. */
    @Override
    public void onTaskAborted(TrainingView training) {
        if (training.task().equals(begun)) {
            source.forget(training.task());
            begun = null;
        }
    }

    @Override
    public Optional<GuardEffect> effect() {
        return rehearsing.effect();
    }

    @Override
    public void continueWithout(Set<String> lost) {
        source.continueWithout(lost);
    }

    @Override
    public long erase(String subject) {
        return source.erase(subject);
    }

    /** What it writes is its source's. */
    @Override
    public int stateVersion() {
        return source.stateVersion();
    }

    @Override
    public void save(MemoryWriter memory) {
        source.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        source.restore(memory);
        isRestored = true;
    }

    @Override
    public void close() {
        rehearsal.close();
        source.close();
    }

    /** Builds a {@link RehearsalGuard}. */
    public static final class Builder {

        String name = "rehearsal";
        @Nullable ReplaySource source;
        Mixing mixing = Mixing.fixed(0.2);
        Weighing weighing = Weighing.SAMPLES;
        Rehearsal rehearsal = AddedLoss.ofLabels();
        boolean drawsAllTasks;
        int every = 1;

        Builder() {}

        /** Sets where samples come from; the guard closes it. */
        public Builder setSource(ReplaySource source) {
            this.source = source == null ? null : PluginCalls.to(source);
            return this;
        }

        /** Sets the name under which the guard's memory is kept. */
        public Builder setName(String name) {
            this.name = name;
            return this;
        }

        /** Sets how many samples go with a batch; eight new to two earlier ones unless set. */
        public Builder optMixing(Mixing mixing) {
            this.mixing = mixing;
            return this;
        }

        /** Sets how their losses weigh; by the number of samples unless set. */
        public Builder optWeighing(Weighing weighing) {
            this.weighing = weighing;
            return this;
        }

        /**
         * Sets that only every so manieth step rehearses, with the samples of the steps between:
         * the same ratio for less time, because a pass costs much however few samples it has; 1
         * unless set.
         */
        public Builder optEvery(int steps) {
            this.every = steps;
            return this;
        }

        /**
         * Makes it A-GEM: the gradient is projected, see {@link ProjectedGradient}.
         *
         * @param memoryStrength γ, 0 or more; 0 is A-GEM as published
         */
        public Builder optProjection(double memoryStrength) {
            this.rehearsal = new ProjectedGradient(memoryStrength);
            return this;
        }

        /**
         * Makes it DER, or DER++ with {@code beta} above 0: stored predictions are rehearsed.
         *
         * @param alpha weight of the squared distance to the stored predictions
         * @param beta weight of the loss under the labels
         */
        public Builder optDarkExperience(double alpha, double beta) {
            this.rehearsal = new DarkExperience(alpha, beta);
            return this;
        }

        /**
         * Makes it distil: samples are held to what was answered to them, among the classes that
         * were replayed so far, and not to their labels. The source must keep answers.
         *
         * @param temperature what outputs are divided by before they become probabilities, above 0
         */
        public Builder optSoftTargets(double temperature) {
            if (!(temperature > 0 && Double.isFinite(temperature))) {
                throw new InvalidOptionException(
                        "optSoftTargets(" + temperature + "): give a number above 0");
            }
            this.rehearsal = AddedLoss.ofAnswers(temperature);
            return this;
        }

        /**
         * Makes it ER-ACE: new samples compete only among the classes of their batch.
         *
         * <p>Samples of the task that trains are rehearsed, too, once there are earlier ones: only
         * there do new classes learn to win over old ones. So the source must take samples in while
         * their task trains; one that chooses when the task ends, such as herding, is refused.
         */
        public Builder optAsymmetricLoss() {
            this.rehearsal = new AsymmetricLoss();
            this.drawsAllTasks = true;
            return this;
        }

        /**
         * Builds the guard.
         *
         * @throws InvalidOptionException if there is no source, or one that does not go with the
         *     loss
         */
        public RehearsalGuard build() {
            if (source == null) {
                throw new InvalidOptionException("Rehearsal guard: setSource is missing");
            }
            if (every < 1) {
                throw new InvalidOptionException("optEvery(" + every + "): give 1 or more");
            }
            if (drawsAllTasks && !source.isOnline()) {
                throw new InvalidOptionException(
                        "%s: its source chooses samples only when their task ends (such as selection = herding), but ER-ACE rehearses those of the task that trains, or new classes never win over old ones: take reservoir, class-balanced or ring"
                                .formatted(name));
            }
            return new RehearsalGuard(this, source);
        }
    }
}
