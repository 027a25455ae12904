package dev.engram.onnx.internal.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** One operator with inputs: floating ones flow in, integers are part of the model. */
final class OperatorCase {

    private final String name;
    private final int opset;
    private final String type;
    private final List<long[]> shapes = new ArrayList<>();
    private final List<Boolean> positive = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<TensorProto> constants = new ArrayList<>();
    private final List<AttributeProto> told = new ArrayList<>();
    private int outputs = 1;
    private int hidden;
    private boolean isAlone;
    private boolean isSmooth = true;

    OperatorCase(String name, int opset, String type) {
        this.name = name;
        this.opset = opset;
        this.type = type;
    }

    OperatorCase in(long... dims) {
        shapes.add(dims);
        positive.add(false);
        names.add("x" + (shapes.size() - 1));
        return this;
    }

    OperatorCase positive(long... dims) {
        in(dims);
        positive.set(positive.size() - 1, true);
        return this;
    }

    OperatorCase integers(long... values) {
        return index(new long[] {values.length}, values);
    }

    OperatorCase index(long[] dims, long... values) {
        TensorProto.Builder tensor = Models.tensor(constant(), DataType.INT64, dims);
        Arrays.stream(values).forEach(tensor::addInt64Data);
        constants.add(tensor.build());
        return this;
    }

    OperatorCase flags(long[] dims, int... values) {
        TensorProto.Builder tensor = Models.tensor(constant(), DataType.BOOL, dims);
        Arrays.stream(values).forEach(tensor::addInt32Data);
        constants.add(tensor.build());
        return this;
    }

    private String constant() {
        String constant = "c" + constants.size();
        names.add(constant);
        return constant;
    }

    OperatorCase none() {
        names.add("");
        return this;
    }

    OperatorCase told(String attribute, Object value) {
        told.add(Models.told(attribute, value));
        return this;
    }

    OperatorCase outputs(int count) {
        outputs = count;
        return this;
    }

    /** States that the last outputs are no result of the model: they are integers. */
    OperatorCase hidden(int count) {
        hidden = count;
        return this;
    }

    /** States that ONNX Runtime does not have the operator; ONNX's node tests stand in for it. */
    OperatorCase alone() {
        isAlone = true;
        return this;
    }

    boolean isAlone() {
        return isAlone;
    }

    /** States that the operator has no gradient to check. */
    OperatorCase flat() {
        isSmooth = false;
        return this;
    }

    boolean isSmooth() {
        return isSmooth;
    }

    List<long[]> shapes() {
        return shapes;
    }

    Path write(Path folder, DataType floating) throws IOException {
        Models model = Models.opset(opset);
        for (int i = 0; i < shapes.size(); i++) {
            model.input("x" + i, floating, shapes.get(i));
        }
        constants.forEach(model::initializer);
        List<String> results = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            results.add("y" + i);
        }
        model.node(type, names, results, told.toArray(new AttributeProto[0]));
        results.subList(0, outputs - hidden).forEach(result -> model.output(result, floating));
        return model.write(folder.resolve("model.onnx"));
    }

    /** Values away from zero, so that a step cannot cross a kink there. */
    double[] values(int input) {
        Random random = new Random(31L * name.hashCode() + input);
        int size = (int) Arrays.stream(shapes.get(input)).reduce(1, (a, b) -> a * b);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            double value = random.nextGaussian();
            value += Math.signum(value) * 0.05;
            values[i] = positive.get(input) ? Math.abs(value) + 0.3 : value;
        }
        return values;
    }

    @Override
    public String toString() {
        return name;
    }
}
