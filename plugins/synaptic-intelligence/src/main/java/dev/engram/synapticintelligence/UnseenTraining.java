package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said of a base model that was trained elsewhere. */
final class UnseenTraining {

    private static final Logger LOG = LoggerFactory.getLogger(UnseenTraining.class);

    private UnseenTraining() {}

    /** Returns ones for every parameter, as {@code remember(model)} does, and warns. */
    static Map<String, NDArray> uniform(FinishedTask task) {
        LOG.warn(
                "Task \"{}\" was trained where Engram did not see it, and importance from the path"
                    + " of training cannot be had from samples: all its weights are held equally"
                    + " firmly. Use ewc or mas to weigh them from samples.",
                task.task().name());
        Map<String, NDArray> ones = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray one = parameter.value().onesLike();
            one.attach(task.scratch());
            ones.put(parameter.name(), one);
        }
        return ones;
    }
}
