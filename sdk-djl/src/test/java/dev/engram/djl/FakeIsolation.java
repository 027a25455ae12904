package dev.engram.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.guard.StepView;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Gives each task a shift of the outputs, and fails in the call that it is told to fail in. */
final class FakeIsolation implements ParameterIsolation {

    private static final String BIAS = "03Linear_bias";

    String failsIn = "";
    Throwable with = new IllegalStateException("no licence");

    private void at(String call) {
        if (call.equals(failsIn)) {
            if (with instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) with;
        }
    }

    @Override
    public String name() {
        at("name");
        return "fake";
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        at("create");
        return new Shift(base, base.manager().zeros(new Shape(2)));
    }

    @Override
    public Map<String, String> settings() {
        at("settings");
        return Map.of("kind", "shift");
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        at("combine");
        return new Shift(base, base.manager().zeros(new Shape(2)));
    }

    @Override
    public NDList forwardBase(BaseModel base, ForwardPass pass) {
        at("forwardBase");
        return ParameterIsolation.super.forwardBase(base, pass);
    }

    @Override
    public <T> T withBase(BaseModel base, Supplier<T> work) {
        at("withBase");
        return work.get();
    }

    @Override
    public void uninstall(BaseModel base) {
        at("uninstall");
    }

    @Override
    public void close() {
        at("close");
    }

    private final class Shift implements TaskParameters {

        private final BaseModel base;
        private final Parameter shift =
                Parameter.builder().setName("shift").setType(Parameter.Type.OTHER).build();

        Shift(BaseModel base, NDArray value) {
            this.base = base;
            shift.setArray(value);
            value.setRequiresGradient(true);
        }

        @Override
        public PairList<String, Parameter> parameters() {
            at("parameters");
            PairList<String, Parameter> own = new PairList<>();
            own.add("shift", shift);
            return own;
        }

        @Override
        public NDList forward(ForwardPass pass) {
            at("forward");
            NDList outputs = pass.through(base.block(), pass.store(), pass.inputs());
            NDArray value =
                    pass.store().getValue(shift, outputs.head().getDevice(), pass.training());
            return new NDList(outputs.head().add(value));
        }

        @Override
        public void onGradient(StepView step) {
            at("onGradient");
        }

        @Override
        public void onBackward(StepView step) {
            at("onBackward");
        }

        @Override
        public Optional<Map<String, NDArray>> merged(NDManager manager) {
            at("merged");
            NDArray sum =
                    base.parameters()
                            .get(BIAS)
                            .getArray()
                            .stopGradient()
                            .add(shift.getArray().stopGradient())
                            .toType(DataType.FLOAT32, true);
            sum.attach(manager);
            return Optional.of(Map.of(BIAS, sum));
        }

        @Override
        public void close() {
            at("closeTask");
        }
    }
}
