package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.autograd.GradientProbe;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rehearsals of one task after the other: how many samples a step draws, and what they did. */
final class Rehearsing {

    /** Stands for none: no task has a name with a line break. */
    private static final Task NO_TASK = Task.named("no\ntask");

    private static final Logger LOG = LoggerFactory.getLogger(Rehearsing.class);

    /** A share of the gradient below it is none: see the report at the end of an epoch. */
    private static final double NOTHING = 1e-6;

    private final String name;
    private final ReplaySource source;
    private final Mixing mixing;
    private final Weighing weighing;
    private final Rehearsal rehearsal;
    private final boolean drawsAllTasks;
    private final int every;
    private final TaskLosses losses;
    private final GradientProbe probe = new GradientProbe();
    private final RehearsalHistory history = new RehearsalHistory();
    private final EpochLoss epochLoss = new EpochLoss();
    private @Nullable GuardEffect effect;
    private boolean isDue;
    private long drawn;

    Rehearsing(RehearsalGuard.Builder builder, ReplaySource source, TaskLosses losses) {
        this.name = builder.name;
        this.source = source;
        this.mixing = builder.mixing;
        this.weighing = builder.weighing;
        this.rehearsal = builder.rehearsal;
        this.drawsAllTasks = builder.drawsAllTasks;
        this.every = builder.every;
        this.losses = losses;
    }

    void begin() {
        mixing.onTaskBegin();
        epochLoss.begin();
        history.begin();
        probe.forget();
        effect = null;
        isDue = false;
        drawn = 0;
    }

    /**
     * Edits the gradients of a step.
     *
     * @param fresh how many samples it has
     * @param learnt tasks that were learnt in this process
     */
    void step(StepView step, int fresh, Set<String> learnt) {
        if (mixing.followsLoss()) {
            epochLoss.add(step);
        }
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
        if (hasEarlier && !(count > 1 && rehearse(step, unwanted, fresh, count, learnt))) {
            rehearsal.rest(step);
        }
    }

    /** Returns whether anything was drawn that could be rehearsed. */
    private boolean rehearse(
            StepView step, Task unwanted, int fresh, int count, Set<String> learnt) {
        try (NDManager call = step.scratch().newSubManager()) {
            List<ReplayedBatch> batches = trainable(step, source.draw(unwanted, count, call));
            if (batches.isEmpty()) {
                return false;
            }
            Set<String> earlier = new HashSet<>(source.tasks());
            earlier.addAll(learnt);
            earlier.remove(step.task().name());
            int replayed = batches.stream().mapToInt(ReplayedBatch::size).sum();
            drawn += replayed;
            history.rehearse();
            double weight = weighing.earlier(fresh, replayed, earlier.size());
            rehearse(step, new Drawn(batches, weight, losses));
            return true;
        }
    }

    private void rehearse(StepView step, Drawn samples) {
        if (GradientProbe.isDue(step.step())) {
            List<NDArray> before = probe.before(step);
            probe.after(step, before, rehearsal.rehearse(step, samples));
        } else {
            rehearsal.rehearse(step, samples);
        }
    }

    /** A sample that is alone with its shape waits, if the model could not train on it alone. */
    private List<ReplayedBatch> trainable(StepView step, List<ReplayedBatch> batches) {
        List<ReplayedBatch> several = batches.stream().filter(batch -> batch.size() > 1).toList();
        if (several.size() == batches.size()
                || !BatchStatistics.mayBeTakenBy(step.trainer().getModel().getBlock())) {
            return batches;
        }
        mixing.postpone(batches.size() - several.size());
        return several;
    }

    /**
     * Ends an epoch, and measures.
     *
     * @param hasEarlier whether there is anything to rehearse
     */
    void endEpoch(TrainingView training, boolean hasEarlier) {
        if (mixing.followsLoss()) {
            epochLoss.read().ifPresent(mixing::onEpoch);
        }
        // An epoch shorter than the pause between two rehearsals says nothing.
        boolean isIdle = hasEarlier && isDue && (drawn == 0 || !rehearsal.acts());
        effect = isIdle ? GuardEffect.of(0, 0) : measured(training.task());
        isDue = false;
        drawn = 0;
    }

    /** Returns the last measurement; none if it saw nothing to do, which is no effect of zero. */
    private @Nullable GuardEffect measured(Task task) {
        GuardEffect seen = probe.read().orElse(effect);
        if (seen == null || seen.gradientShare() >= NOTHING) {
            return seen;
        }
        if (drawn > 0) {
            LOG.info(
                    "{}: task {}: {} earlier samples were rehearsed and called for no measurable"
                            + " correction",
                    name,
                    task.name(),
                    drawn);
        }
        return null;
    }

    void endTask(Task task) {
        history.end(name, task, every);
        history.begin();
    }

    Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }
}
