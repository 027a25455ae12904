package dev.engram.replay.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
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
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import java.util.HashSet;
import java.util.List;
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
 * <p>Called by the listener on the training thread; closes its source.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RehearsalGuard implements ForgettingGuard {

    /** Stands for none: no task has a name with a line break. */
    private static final Task NO_TASK = Task.named("no\ntask");

    private static final Logger LOG = LoggerFactory.getLogger(RehearsalGuard.class);
    private static final int OBSERVED_AT_ONCE = 256;

    private final String name;
    private final ReplaySource source;
    private final Mixing mixing;
    private final Weighing weighing;
    private final Rehearsal rehearsal;
    private final boolean drawsAllTasks;
    private final int every;
    private final TaskLosses losses = new TaskLosses();
    private final Set<String> tasks = new HashSet<>();
    private final RehearsalProbe probe = new RehearsalProbe();
    private final EpochLoss epochLoss = new EpochLoss();
    private final RehearsalHistory history = new RehearsalHistory();
    private @Nullable GuardEffect effect;
    private boolean isRestored;
    private boolean hasObserved;
    private boolean isDue;
    private long drawn;

    RehearsalGuard(RehearsalGuardBuilder builder, ReplaySource source) {
        this.name = builder.name;
        this.source = source;
        this.mixing = builder.mixing;
        this.weighing = builder.weighing;
        this.rehearsal = builder.rehearsal;
        this.drawsAllTasks = builder.drawsAllTasks;
        this.every = builder.every;
    }

    /** Returns a builder of a guard that does experience replay unless told otherwise. */
    public static RehearsalGuardBuilder builder() {
        return new RehearsalGuardBuilder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.REHEARSAL);
    }

    @Override
    public boolean needsSamples() {
        return !source.isOnline();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        rehearsal.require(training);
        mixing.onTaskBegin();
        epochLoss.begin();
        history.begin();
        probe.forget();
        effect = null;
        hasObserved = false;
        isDue = false;
        drawn = 0;
        losses.begin(training.task().name(), training.loss(), training.manager());
        source.onTaskBegin(training);
        requireNoLeftovers(training.task());
    }

    /** Samples under the name of a task that only begins are of another process. */
    private void requireNoLeftovers(Task task) {
        if (!source.tasks().contains(task.name())) {
            return;
        }
        if (!isRestored) {
            throw new EngramException(
                    "The replay store already holds samples of a task \"%s\", so this one would not rehearse them. Name the tasks (nextTask), or go on from a memory directory (optMemory), or use another store."
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
        if (mixing.followsLoss()) {
            epochLoss.add(step);
        }
        int fresh = step.batches().stream().mapToInt(this::size).sum();
        if (fresh == 0) {
            return;
        }
        int wanted = mixing.count(step.step(), fresh);
        if (step.step() % every != 0) {
            mixing.postpone(wanted);
            wanted = 0;
        } else {
            isDue = true;
        }
        Task unwanted = drawsAllTasks ? NO_TASK : step.task();
        int count = (int) Math.min(wanted, source.available(unwanted));
        boolean hasEarlier = source.available(step.task()) > 0;
        history.step(hasEarlier);
        if (hasEarlier && !(count > 1 && rehearse(step, unwanted, fresh, count))) {
            rehearsal.rest(step);
        }
        for (StepBatch batch : step.batches()) {
            hasObserved = true;
            source.observe(
                    ObservedBatch.of(
                            step.task(),
                            batch.data(),
                            batch.labels(),
                            batch.predictions(),
                            batch.subjects()));
        }
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
        if (mixing.followsLoss()) {
            epochLoss.read().ifPresent(mixing::onEpoch);
        }
        boolean hasEarlier = isRestored || !tasks.isEmpty();
        // An epoch shorter than the pause between two rehearsals says nothing.
        boolean isIdle = hasEarlier && isDue && drawn == 0;
        effect = isIdle ? GuardEffect.of(0, 0) : measured();
        isDue = false;
        drawn = 0;
    }

    /** Returns the last measurement; none if it saw nothing to do, which is no effect of zero. */
    private @Nullable GuardEffect measured() {
        GuardEffect seen = probe.read().orElse(effect);
        boolean rests = seen != null && seen.gradientShare() == 0 && rehearsal.mayRest();
        return rests ? null : seen;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (!hasObserved && source.isOnline()) {
            observeAll(task);
        }
        hasObserved = false;
        history.end(name, task.task(), every);
        source.onTaskEnd(task);
        tasks.add(task.task().name());
    }

    /** A base model that is remembered was trained elsewhere: its samples come only now. */
    private void observeAll(FinishedTask task) {
        losses.begin(task.task().name(), task.loss(), task.scratch());
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

    @Override
    public void onTaskAborted(TrainingView training) {
        source.forget(training.task());
    }

    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }

    @Override
    public long erase(String subject) {
        return source.erase(subject);
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
        source.close();
    }

    /** Returns whether anything was drawn that could be rehearsed. */
    private boolean rehearse(StepView step, Task unwanted, int fresh, int count) {
        try (NDManager call = step.scratch().newSubManager()) {
            List<ReplayedBatch> batches = trainable(step, source.draw(unwanted, count, call));
            if (batches.isEmpty()) {
                return false;
            }
            Set<String> earlier = new HashSet<>(source.tasks());
            earlier.addAll(tasks);
            earlier.remove(step.task().name());
            int replayed = batches.stream().mapToInt(ReplayedBatch::size).sum();
            drawn += replayed;
            history.rehearse();
            double weight = weighing.earlier(fresh, replayed, earlier.size());
            Drawn samples = new Drawn(batches, weight, losses);
            if (RehearsalProbe.isDue(step.step())) {
                List<NDArray> before = probe.before(step);
                probe.after(step, before, rehearsal.rehearse(step, samples));
            } else {
                rehearsal.rehearse(step, samples);
            }
            return true;
        }
    }

    /** A sample that is alone with its shape waits, if the model could not train on it alone. */
    private List<ReplayedBatch> trainable(StepView step, List<ReplayedBatch> drawn) {
        List<ReplayedBatch> several = drawn.stream().filter(batch -> batch.size() > 1).toList();
        if (several.size() == drawn.size()
                || !BatchStatistics.mayBeTakenBy(step.trainer().getModel().getBlock())) {
            return drawn;
        }
        mixing.postpone(drawn.size() - several.size());
        return several;
    }
}
