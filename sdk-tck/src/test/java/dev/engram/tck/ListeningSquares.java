package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** A moving average of squared gradients over all tasks; wrong in the way that it is told. */
final class ListeningSquares implements ImportanceEstimator {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        /** What it returns belongs to the task's manager. */
        E3,
        /** The copies of a task that was broken off stay open. */
        E3_BEGIN,
        /** What it learnt before stays open when it learns more. */
        E3_END,
        /** It changes gradients while it listens. */
        E4,
        E7,
        /** What it wrote is not taken in. */
        E7_UNREAD,
        /** States a version below 1. */
        E7_VERSION,
        E8,
        /** A task goes on with the average of the one that was broken off. */
        E9,
        E10
    }

    private final Fault fault;
    private final String form;
    private Map<String, NDArray> learnt = new LinkedHashMap<>();
    private Map<String, NDArray> training = new LinkedHashMap<>();

    /** Creates one whose state is of some form. */
    ListeningSquares(Fault fault, String form) {
        this.fault = fault;
        this.form = form;
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTaskBegin(TrainingView view) {
        if (fault == Fault.E9) {
            return;
        }
        if (fault != Fault.E3_BEGIN) {
            close(training);
        }
        training = copies(learnt, view.manager());
    }

    @Override
    public void onBackward(StepView step) {
        if (fault == Fault.E8) {
            step.manager().create(1f);
        }
        for (LiveParameter parameter : step.parameters()) {
            NDArray average =
                    training.computeIfAbsent(parameter.name(), n -> zeros(step, parameter));
            try (NDArray gradient = parameter.gradient();
                    NDArray way = gradient.square()) {
                way.subi(average);
                way.muli(0.1);
                average.addi(way);
                if (fault == Fault.E4) {
                    gradient.addi(1e-3);
                }
            }
        }
    }

    private static NDArray zeros(TrainingView view, LiveParameter parameter) {
        NDArray zeros = parameter.value().zerosLike();
        zeros.attach(view.manager());
        return zeros;
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        if (fault != Fault.E3_END) {
            close(learnt);
        }
        learnt = copies(training, task.manager());
        return copies(learnt, fault == Fault.E3 ? task.manager() : task.scratch());
    }

    @Override
    public int stateVersion() {
        return fault == Fault.E7_VERSION ? 0 : 1;
    }

    @Override
    public void save(MemoryWriter memory) {
        if (fault != Fault.E7) {
            memory.text("form", form);
            learnt.forEach((name, value) -> memory.tensor("average", name, value));
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        String written = memory.text("form").orElse(form);
        if (!written.equals(form) && fault != Fault.E10) {
            throw new EngramException("written with form %s, not %s".formatted(written, form));
        }
        if (fault != Fault.E7_UNREAD) {
            learnt = new LinkedHashMap<>(memory.tensors("average", memory.manager()));
        }
    }

    @Override
    public void close() {
        close(training);
        close(learnt);
    }

    private static Map<String, NDArray> copies(Map<String, NDArray> values, NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        values.forEach(
                (name, value) -> {
                    NDArray copy = value.duplicate();
                    copy.attach(owner);
                    copies.put(name, copy);
                });
        return copies;
    }

    private static void close(Map<String, NDArray> values) {
        values.values().forEach(NDArray::close);
        values.clear();
    }
}
