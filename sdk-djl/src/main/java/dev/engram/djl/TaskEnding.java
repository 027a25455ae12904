package dev.engram.djl;

import dev.engram.api.EngramException;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.training.TaskSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a task whose training has ended.
 *
 * @param guards take it in
 * @param history keeps the task
 */
record TaskEnding(Guards guards, TaskHistory history) {

    private static final Logger LOG = LoggerFactory.getLogger(TaskEnding.class);

    /**
     * Learns a task and closes its session.
     *
     * @param isOpen whether its model is open still
     */
    void learn(TaskSession session, boolean isOpen) {
        try (session) {
            history.add(session.learn(), guards, session.block(), session.statistics());
        } catch (RuntimeException e) {
            throw isOpen ? e : closedTooEarly(session, e);
        }
        int tasks = history.tasks().size();
        LOG.info(
                "Task \"{}\" is learnt; {} {} in memory",
                session.task(),
                tasks,
                tasks == 1 ? "task" : "tasks");
    }

    private static EngramException closedTooEarly(TaskSession session, RuntimeException cause) {
        return new EngramException(
                "Task \"%s\" is NOT learnt: its model was closed before its trainer. Close the trainer first, or call listener.endTask() after the last epoch (%s)"
                        .formatted(session.task().name(), cause.getMessage()),
                cause);
    }

    /** Gives a task up and closes its session. */
    void drop(TaskSession session) {
        try (session) {
            session.abort();
            history.breakOff(session.task().name(), session.block());
        }
    }
}
