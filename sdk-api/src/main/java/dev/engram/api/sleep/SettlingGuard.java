package dev.engram.api.sleep;

import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.TrainingView;
import java.util.List;

/**
 * A guard that keeps something about the weights, such as an anchor, an importance or a teacher,
 * and can take it in anew where they were moved between trainings.
 *
 * <p>Any other guard keeps what it has. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface SettlingGuard extends ForgettingGuard {

    /**
     * Called between trainings, when the weights have moved to where no task does worse; must
     * either take in all that it does or leave all as it was.
     *
     * @param now the model with its weights of now; its task is none of the user's
     * @param tasks each task that was learnt, in order, with samples of it; none at all where there
     *     are tasks of which no samples are left, so that what is known of those is not lost
     */
    void onSettled(TrainingView now, List<FinishedTask> tasks);
}
