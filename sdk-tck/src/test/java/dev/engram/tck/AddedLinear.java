package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import java.util.Map;
import java.util.Optional;

/** Adds a linear map of the inputs to the outputs; wrong in the way that it is told. */
final class AddedLinear implements ParameterIsolation {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        I1,
        I2,
        I3,
        I4,
        I5,
        I6,
        I7,
        I8,
        I9
    }

    private final Fault fault;
    private static int made;
    private volatile NDArray last;

    AddedLinear(Fault fault) {
        this.fault = fault;
    }

    @Override
    public String name() {
        return "added-linear";
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        made++;
        return new Added(base);
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        Added sum = new Added(base);
        weights.forEach(
                (task, weight) -> {
                    NDArray part = ((Added) task).map.getArray().stopGradient();
                    double by = fault == Fault.I7 ? 2 * weight : weight;
                    try (part;
                            NDArray scaled = part.mul(by)) {
                        NDArray own = sum.map.getArray();
                        own.setRequiresGradient(false);
                        own.addi(scaled);
                    }
                });
        return sum;
    }

    private final class Added implements TaskParameters {

        private final BaseModel base;
        private final Parameter map =
                Parameter.builder().setName("map").setType(Parameter.Type.WEIGHT).build();

        Added(BaseModel base) {
            this.base = base;
            NDManager owner = base.manager();
            Shape shape = new Shape(SmallTasks.FEATURES, SmallTasks.CLASSES);
            map.setArray(fault == Fault.I1 ? owner.ones(shape) : owner.zeros(shape));
            map.getArray().setRequiresGradient(fault != Fault.I2);
            last = map.getArray();
        }

        @Override
        public PairList<String, Parameter> parameters() {
            PairList<String, Parameter> own = new PairList<>();
            own.add(fault == Fault.I4 ? "map-" + made : "map", map);
            return own;
        }

        @Override
        public NDList forward(ForwardPass pass) {
            NDArray outputs = pass.through(base.block(), pass.store(), pass.inputs()).head();
            NDArray inputs = pass.inputs().head();
            NDArray value = pass.store().getValue(map, inputs.getDevice(), pass.training());
            if (fault == Fault.I6) {
                base.manager().create(1f);
            }
            if (fault == Fault.I5) {
                last = value;
                pause();
            }
            boolean isLatest = fault == Fault.I3 || fault == Fault.I5;
            return new NDList(outputs.add(inputs.dot(isLatest ? last : value)));
        }

        private static void pause() {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public Optional<Map<String, NDArray>> merged(NDManager manager) {
            if (fault == Fault.I8) {
                base.parameters().valueAt(0).getArray().addi(1);
            }
            return Optional.empty();
        }
    }

    @Override
    public void uninstall(BaseModel base) {
        if (fault == Fault.I9) {
            base.parameters().valueAt(0).getArray().addi(1);
        }
    }
}
