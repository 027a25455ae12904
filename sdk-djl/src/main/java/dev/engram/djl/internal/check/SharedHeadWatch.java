package dev.engram.djl.internal.check;

import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.task.Task;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns, at the first step of a task, if it pushes the classes of earlier ones down. */
public final class SharedHeadWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SharedHeadWatch.class);

    private final Task task;
    private final Trainer trainer;
    private SortedSet<Integer> old = new TreeSet<>();

    public SharedHeadWatch(Task task, Trainer trainer) {
        this.task = task;
        this.trainer = trainer;
    }

    /** Sets the classes of earlier tasks; none are watched unless set. */
    public void over(SortedSet<Integer> classes) {
        old = classes;
    }

    /** Looks at a batch of the first step, and at no later one. */
    public void look(BatchData batch, NDManager manager) {
        SortedSet<Integer> watched = old;
        old = new TreeSet<>();
        if (watched.isEmpty() || LoopCheck.isCollecting(manager.getEngine())) {
            return;
        }
        try (NDManager scratch = manager.newSubManager()) {
            SortedSet<Integer> pushed =
                    SharedHeadCheck.pushedDown(trainer, batch, watched, scratch);
            if (!pushed.isEmpty()) {
                LOG.warn(
                        "Task \"{}\" teaches new classes to a head that earlier tasks share, and"
                            + " its loss pushes their classes {} down. No penalty on weights can"
                            + " prevent that (class-incremental learning): the earlier classes WILL"
                            + " be forgotten. Add replay, give each task a head, or mask the other"
                            + " tasks' outputs.",
                        task.name(),
                        pushed);
            }
        }
    }
}
