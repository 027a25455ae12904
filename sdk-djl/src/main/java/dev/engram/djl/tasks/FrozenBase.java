package dev.engram.djl.tasks;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.overlay.OwnCopy;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parameters of a base that could be trained, and cannot for now. */
final class FrozenBase {

    private static final Logger LOG = LoggerFactory.getLogger(FrozenBase.class);

    private static final int SHOWN = 4;

    private final List<Parameter> frozen = new ArrayList<>();
    private final List<String> random = new ArrayList<>();

    /** Freezes a base. */
    FrozenBase(Block base) {
        for (Pair<String, Parameter> own : base.getParameters()) {
            Parameter parameter = own.getValue();
            if (parameter.requiresGradient()) {
                frozen.add(parameter);
                if (!parameter.isInitialized()) {
                    random.add(own.getKey());
                }
            }
        }
        frozen.forEach(parameter -> parameter.freeze(true));
    }

    static boolean hasValues(Block base) {
        return base.getParameters().values().stream().allMatch(Parameter::isInitialized);
    }

    /** Gives back what was taken. */
    void thaw() {
        frozen.forEach(parameter -> parameter.freeze(false));
    }

    /**
     * Says once which parameters had no values when they were frozen. A new head, of which each
     * task trains a whole copy, is none of them.
     */
    void warnOfRandomBase(Task task, TaskParameters fresh) {
        List<String> copied = fresh.parameters().keys();
        random.removeIf(path -> copied.contains(OwnCopy.name(path)));
        if (!random.isEmpty()) {
            LOG.warn(
                    "Task \"{}\" trains over a base that had no values before: {} parameters, such"
                            + " as {}, are frozen at random. Train it, or load it, before tasks get"
                            + " parameters of their own.",
                    task.name(),
                    random.size(),
                    List.copyOf(random.subList(0, Math.min(SHOWN, random.size()))));
        }
        random.clear();
    }
}
