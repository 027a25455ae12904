package dev.engram.onnx.internal.program;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.model.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node at work: its attributes, its inputs, and where its results are made. */
public final class Call {

    private final Step step;
    private final @Nullable Value[] inputs;
    private final NDManager manager;
    private final boolean training;

    Call(Step step, @Nullable Value[] inputs, NDManager manager, boolean training) {
        this.step = step;
        this.inputs = inputs;
        this.manager = manager;
        this.training = training;
    }

    public Node node() {
        return step.node();
    }

    public Attributes attributes() {
        return step.node().attributes();
    }

    public NDManager manager() {
        return manager;
    }

    public Device device() {
        return manager.getDevice();
    }

    /** Returns whether the batch is one to learn from: dropout drops only then. */
    public boolean training() {
        return training;
    }

    /** Returns how many inputs the node names, those left out included. */
    public int inputs() {
        return Math.min(inputs.length, step.node().inputs().size());
    }

    public boolean has(int input) {
        return input < inputs() && inputs[input] != null;
    }

    public NDArray array(int input) {
        return value(input).on(device());
    }

    public Optional<NDArray> optional(int input) {
        return has(input) ? Optional.of(array(input)) : Optional.empty();
    }

    public NDList arrays() {
        NDList all = new NDList(inputs());
        for (int i = 0; i < inputs(); i++) {
            all.add(array(i));
        }
        return all;
    }

    public Shape shape(int input) {
        return value(input).array().getShape();
    }

    public long[] longs(int input) {
        return value(input).longs();
    }

    public double[] doubles(int input) {
        return value(input).doubles();
    }

    /** Returns integers that older operator sets state as an attribute, newer ones as an input. */
    public Optional<long[]> longs(int input, String attribute) {
        return has(input) ? Optional.of(longs(input)) : attributes().integers(attribute);
    }

    /** Returns how many outputs the graph uses, up to the last one. */
    public int outputs() {
        return step.node().outputs().size();
    }

    public boolean wants(int output) {
        return output < outputs() && !step.node().outputs().get(output).isEmpty();
    }

    /** Returns an axis counted from the front. */
    public int axis(String attribute, int otherwise) {
        return axis(attributes().integer(attribute, otherwise), shape(0).dimension());
    }

    public int axis(long axis, int rank) {
        long front = axis < 0 ? axis + rank : axis;
        if (front < 0 || front > rank) {
            throw new OnnxException(node() + " works on axis " + axis + " of " + rank + " axes");
        }
        return (int) front;
    }

    /** Returns the type that DJL holds for an ONNX number; refused where it would end the JVM. */
    public DataType heldType(long code) {
        return ElementType.of((int) code)
                .flatMap(ElementType::held)
                .orElseThrow(
                        () ->
                                new OnnxException(
                                        node()
                                                + " casts to the element type "
                                                + code
                                                + ", which DJL's PyTorch engine cannot hold"));
    }

    /** Returns the programs of the graphs that the node carries. */
    public Program body(String attribute) {
        Program body = step.bodies().get(attribute);
        if (body == null) {
            throw new OnnxException(node() + " has no graph \"" + attribute + "\"");
        }
        return body;
    }

    /** Returns the values that the graphs inside take from around the node. */
    public List<Value> captured() {
        return Arrays.asList(inputs).subList(step.node().inputs().size(), inputs.length);
    }

    public Value value(int input) {
        Value value = input < inputs.length ? inputs[input] : null;
        if (value == null) {
            throw new OnnxException(node() + " needs its input " + input + ", which is left out");
        }
        return value;
    }
}
