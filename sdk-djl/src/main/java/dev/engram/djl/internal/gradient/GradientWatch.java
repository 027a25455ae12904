package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.HeardBatch;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the gradients of a task's batches are finite, and clears those that a loop left
 * behind.
 *
 * <p>A loop passes over a batch that is not finite by not stepping. DJL clears a gradient by taking
 * it from itself, which leaves NaN, so that all later steps would be NaN, too. What such a loop
 * does at its batch stays its own: only when it has gone on to the next one is there something
 * left.
 */
public final class GradientWatch {

    private static final Logger LOG = LoggerFactory.getLogger(GradientWatch.class);

    private final Task task;
    private final NDManager manager;
    private final boolean isCheap;
    private final EndGradients ends = new EndGradients();
    private long most = 1;
    private boolean isBroken;
    private long firstBroken;
    private boolean hasToldOfClearing;

    /** Creates it; {@code manager} tells the device, on which to look is cheap or is not. */
    public GradientWatch(Task task, NDManager manager) {
        this.task = task;
        this.manager = manager;
        this.isCheap = manager.getDevice().getDeviceType().equals("cpu");
    }

    /**
     * Lets a batch that is heard wait for its step, if the gradients are finite.
     *
     * @param pending those that wait already
     * @param number of the batch within the task
     */
    public void take(
            HeardBatch heard, PendingBatches pending, List<LiveParameter> parameters, long number) {
        // Off the CPU to look waits for the device: there only where a step was left out.
        if ((!isCheap && pending.size() < most) || ends.areFinite(parameters)) {
            isBroken = false;
            pending.add(heard);
            return;
        }
        warn(number);
        if (isCheap && !isBroken) {
            // Its gradients stay, for the loop to see.
            isBroken = true;
        } else {
            clear(parameters, number);
            pending.close();
        }
    }

    /** Returns the first batch whose gradients were not finite, 0 if none was seen. */
    public long firstBroken() {
        return firstBroken;
    }

    /** Hears of a step of the optimizer, which leaves zeros. */
    public void stepped(long batches) {
        isBroken = false;
        counted(batches);
    }

    /** Hears that so many batches are counted as a step, whatever the loop makes of them. */
    public void counted(long batches) {
        most = Math.max(most, batches);
    }

    /** Clears what the task's last batch left behind. */
    public void end(List<LiveParameter> parameters, long batch) {
        if (isBroken) {
            clear(parameters, batch);
        }
    }

    private void clear(List<LiveParameter> parameters, long batch) {
        isBroken = false;
        LeftGradients.clear(parameters, manager);
        if (!hasToldOfClearing) {
            hasToldOfClearing = true;
            LOG.warn(
                    "Gradients of task \"{}\" that were not finite were left behind without a step,"
                        + " and outlive DJL's own clearing: at batch {} Engram has set all of them"
                        + " to zero. A batch that was added to them counts for nothing, too; to"
                        + " lose none set them to zero where the loop passes over a batch:"
                        + " Cleared.zero(gradient), of dev.engram.kit.autograd.",
                    task.name(),
                    batch);
        }
    }

    private void warn(long batch) {
        if (firstBroken == 0) {
            firstBroken = batch;
            LOG.warn(
                    "The gradients of task \"{}\" are not finite at batch {}: it counts for"
                            + " nothing, nor does any other such batch. If the optimizer steps"
                            + " nevertheless, the model diverges; if it does not, Engram clears"
                            + " them before the next step.",
                    task.name(),
                    batch);
        }
    }
}
