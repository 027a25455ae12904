package dev.engram.tck;

import ai.djl.Model;
import ai.djl.training.Trainer;
import dev.engram.djl.ForgettingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A training that is broken off before its first epoch ends, so that nothing of it is kept. */
final class BrokenTask {

    private static final Logger LOG = LoggerFactory.getLogger("dev.engram.tck");
    private static final int STEPS = 10;

    private BrokenTask() {}

    /** Begins one of {@link SmallTasks} and breaks it off; the model's values are put back. */
    static void train(Model model, int task, ForgettingListener listener) {
        Weights learnt = Weights.of(model);
        LOG.info("A task is broken off on purpose; the warning that it is NOT protected is meant.");
        try (Trainer trainer = SmallTasks.trainer(model, listener)) {
            SmallTasks.steps(trainer, task, STEPS);
        }
        learnt.putInto(model);
        listener.continueWith(model);
    }
}
