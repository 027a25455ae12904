package dev.engram.onnx.operator;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.Attributes;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.OnnxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node at work: its attributes, its inputs, and where its results are made. */
final class Call {

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

    Node node() {
        return step.node();
    }

    Attributes attributes() {
        return step.node().attributes();
    }

    NDManager manager() {
        return manager;
    }

    Device device() {
        return manager.getDevice();
    }

    /** Returns whether the batch is one to learn from: dropout drops only then. */
    boolean training() {
        return training;
    }

    /** Returns how many inputs the node names, those left out included. */
    int inputs() {
        return Math.min(inputs.length, step.node().inputs().size());
    }

    boolean has(int input) {
        return input < inputs() && inputs[input] != null;
    }

    NDArray array(int input) {
        return value(input).on(device());
    }

    Optional<NDArray> optional(int input) {
        return has(input) ? Optional.of(array(input)) : Optional.empty();
    }

    NDList arrays() {
        NDList all = new NDList(inputs());
        for (int i = 0; i < inputs(); i++) {
            all.add(array(i));
        }
        return all;
    }

    Shape shape(int input) {
        return value(input).array().getShape();
    }

    long[] longs(int input) {
        return value(input).longs();
    }

    double[] doubles(int input) {
        return value(input).doubles();
    }

    /** Returns integers that older operator sets state as an attribute, newer ones as an input. */
    Optional<long[]> longs(int input, String attribute) {
        return has(input) ? Optional.of(longs(input)) : attributes().integers(attribute);
    }

    /** Returns how many outputs the graph uses, up to the last one. */
    int outputs() {
        return step.node().outputs().size();
    }

    boolean wants(int output) {
        return output < outputs() && !step.node().outputs().get(output).isEmpty();
    }

    /** Returns an axis counted from the front. */
    int axis(String attribute, int otherwise) {
        return axis(attributes().integer(attribute, otherwise), shape(0).dimension());
    }

    int axis(long axis, int rank) {
        long front = axis < 0 ? axis + rank : axis;
        if (front < 0 || front > rank) {
            throw new OnnxException(node() + " works on axis " + axis + " of " + rank + " axes");
        }
        return (int) front;
    }

    /** Returns the programs of the graphs that the node carries. */
    Program body(String attribute) {
        Program body = step.bodies().get(attribute);
        if (body == null) {
            throw new OnnxException(node() + " has no graph \"" + attribute + "\"");
        }
        return body;
    }

    /** Returns the values that the graphs inside take from around the node. */
    List<Value> captured() {
        return Arrays.asList(inputs).subList(step.node().inputs().size(), inputs.length);
    }

    Value value(int input) {
        Value value = input < inputs.length ? inputs[input] : null;
        if (value == null) {
            throw new OnnxException(node() + " needs its input " + input + ", which is left out");
        }
        return value;
    }
}
