package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * Weighs each parameter by a moving average of its squared gradients, {@code v ← d v + (1 − d) g²},
 * which goes on from one task to the next.
 */
final class ${className}Importance implements ImportanceEstimator {

    /** The kind of the tensors in the memory; becomes part of a file name. */
    private static final String AVERAGE = "average";

    private final double decay;

    /** What the tasks up to the last learnt one left, by path name. */
    private final Map<String, NDArray> learnt = new HashMap<>();

    /** What goes on while a task trains; a task that is broken off never gets beyond this. */
    private final Map<String, NDArray> training = new HashMap<>();

    ${className}Importance(double decay) {
        this.decay = decay;
    }

    /** It listens to the steps, and asks for no samples when a task ends. */
    @Override
    public boolean needsSamples() {
        return false;
    }

    /** The task before may have been broken off: each begins with copies of what was learnt. */
    @Override
    public void onTaskBegin(TrainingView view) {
        replace(training, learnt, view.manager());
    }

    /** Each step comes here: no value is read from the device, and every array is closed. */
    @Override
    public void onBackward(StepView step) {
        for (LiveParameter parameter : step.parameters()) {
            NDArray average = average(parameter, step.manager());
            try (NDArray gradient = parameter.gradient();
                    NDArray way = gradient.square()) {
                way.subi(average);
                way.muli(1 - decay);
                average.addi(way);
            }
        }
    }

    /** The task was learnt: what it left is taken over, and copies are handed out. */
    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        for (LiveParameter parameter : task.parameters()) {
            average(parameter, task.manager());
        }
        replace(learnt, training, task.manager());
        Map<String, NDArray> importance = new HashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray found = learnt.get(parameter.name()).duplicate();
            found.attach(task.scratch());
            importance.put(parameter.name(), found);
        }
        return importance;
    }

    /** To be raised with what {@link #save} writes; {@link #restore} reads all earlier versions. */
    @Override
    public int stateVersion() {
        return 1;
    }

    @Override
    public void save(MemoryWriter memory) {
        learnt.forEach((name, average) -> memory.tensor(AVERAGE, name, average));
    }

    @Override
    public void restore(MemoryReader memory) {
        learnt.putAll(memory.tensors(AVERAGE, memory.manager()));
    }

    @Override
    public void close() {
        close(training);
        close(learnt);
    }

    /** Returns that of a parameter: zeros for one that is new, or has another shape than before. */
    private NDArray average(LiveParameter parameter, NDManager manager) {
        NDArray average = training.get(parameter.name());
        if (average != null && average.getShape().equals(parameter.value().getShape())) {
            return average;
        }
        NDArray zeros = parameter.value().zerosLike();
        zeros.attach(manager);
        training.put(parameter.name(), zeros);
        if (average != null) {
            average.close();
        }
        return zeros;
    }

    private static void replace(
            Map<String, NDArray> these, Map<String, NDArray> others, NDManager manager) {
        close(these);
        others.forEach(
                (name, value) -> {
                    NDArray copy = value.duplicate();
                    copy.attach(manager);
                    these.put(name, copy);
                });
    }

    private static void close(Map<String, NDArray> values) {
        values.values().forEach(NDArray::close);
        values.clear();
    }
}
