package dev.engram.djl.isolation;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import dev.engram.api.task.Task;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parameters of a base that could be trained, and cannot for now. */
final class FrozenBase {

    private static final Logger LOG = LoggerFactory.getLogger(FrozenBase.class);

    private final List<Parameter> frozen;
    private boolean isRandom;

    /** Freezes a base. */
    FrozenBase(Block base) {
        isRandom = !hasValues(base);
        frozen =
                base.getParameters().values().stream().filter(Parameter::requiresGradient).toList();
        frozen.forEach(parameter -> parameter.freeze(true));
    }

    static boolean hasValues(Block base) {
        return base.getParameters().values().stream().allMatch(Parameter::isInitialized);
    }

    /** Gives back what was taken. */
    void thaw() {
        frozen.forEach(parameter -> parameter.freeze(false));
    }

    /** Says once that the base had no values when it was frozen. */
    void warnOfRandomBase(Task task) {
        if (isRandom) {
            isRandom = false;
            LOG.warn(
                    "Task \"{}\" trains over a base that had no values before: it is frozen at"
                            + " random. Train it, or load it, before tasks get parameters of their"
                            + " own.",
                    task.name());
        }
    }
}
