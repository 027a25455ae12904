package dev.engram.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.check.GraphOptimizer;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.List;

/**
 * Gives a model what a task of the past needs to answer.
 *
 * @param training what trains now, which must be nothing
 */
record ServedTasks(
        Guards guards, TaskHistory history, ListenerOptions options, GuardedTraining training) {

    TaskRegistry registry(Model model) {
        Block block = Given.block(model, "tasks");
        IsolationGuard isolation = options.isolation().orElseThrow(ServedTasks::isolatesNothing);
        if (training.isOn()) {
            throw new EngramException("Close the trainer first: its task is not learnt yet");
        }
        BaseTask.requireValues(block, "of the tasks");
        GraphOptimizer.rest(block);
        NDManager models = model.getNDManager();
        guards.open(models.getDevice(), models.getEngine().getEngineName(), history.restored());
        return isolation.registry(model);
    }

    private static EngramException isolatesNothing() {
        return new EngramException(
                "No strategy here gives tasks parameters of their own: add one, such as \"lora\"");
    }

    void useStatistics(Model model, String task) {
        Given.block(model, "useStatistics");
        List<LearntTask> tasks = history.tasks();
        Given.require(task, "useStatistics", "the task", "the name of one of " + tasks);
        if (options.isolation().isPresent()) {
            throw new EngramException(
                    "Tasks with parameters of their own have statistics of their own: ask"
                            + " tasks(model).handle(\"%s\")".formatted(task));
        }
        if (training.isOn()) {
            throw new EngramException("Close the trainer first: each of its passes moves them");
        }
        history.useStatistics(model, task);
    }
}
