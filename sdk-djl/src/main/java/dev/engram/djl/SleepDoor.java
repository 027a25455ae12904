package dev.engram.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.api.spi.Role;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.check.BothWays;
import dev.engram.djl.internal.check.GraphOptimizer;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import java.util.List;

/**
 * Opens a listener's memory between trainings.
 *
 * @param training what trains now, which must be nothing
 */
record SleepDoor(
        Guards guards, TaskHistory history, ListenerOptions options, GuardedTraining training) {

    SleepingMemory open(Model model) {
        Block block = Given.block(model, "sleeping");
        requireMovable();
        BaseTask.requireValues(block, "that is to sleep");
        NDManager models = model.getNDManager();
        BothWays.refuse(block, models.getEngine());
        GraphOptimizer.rest(block);
        history.requireFits(block);
        history.hold();
        try {
            history.requireKin(block);
            guards.open(models.getDevice(), models.getEngine().getEngineName(), history.restored());
            return new OpenMemory(guards, history, options, model);
        } catch (RuntimeException e) {
            history.release();
            throw e;
        }
    }

    private void requireMovable() {
        if (training.isOn()) {
            throw new EngramException("Close the trainer first: its task is not learnt yet");
        }
        if (options.isolation().isPresent()) {
            throw new EngramException(
                    "Tasks here have parameters of their own, so none of them is forgotten, and all"
                            + " would answer something else over a base that moved: there is"
                            + " nothing to win back. A model into which tasks were merged can"
                            + " sleep, without this listener");
        }
        List<String> solved = guards.playing(Role.SOLVED_HEAD);
        if (!solved.isEmpty()) {
            throw new EngramException(
                    "The last layer is solved by %s, which forgets nothing as long as the base below stays as it is: there is nothing to win back"
                            .formatted(solved));
        }
    }
}
