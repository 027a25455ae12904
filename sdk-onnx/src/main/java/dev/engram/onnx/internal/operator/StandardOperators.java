package dev.engram.onnx.internal.operator;

import dev.engram.onnx.internal.operator.arithmetic.Activations;
import dev.engram.onnx.internal.operator.arithmetic.Arithmetic;
import dev.engram.onnx.internal.operator.arithmetic.Einsum;
import dev.engram.onnx.internal.operator.arithmetic.Logic;
import dev.engram.onnx.internal.operator.arithmetic.TypeCasts;
import dev.engram.onnx.internal.operator.attention.Attention;
import dev.engram.onnx.internal.operator.attention.Rotary;
import dev.engram.onnx.internal.operator.normalization.Losses;
import dev.engram.onnx.internal.operator.normalization.Normalization;
import dev.engram.onnx.internal.operator.normalization.Ranking;
import dev.engram.onnx.internal.operator.normalization.Reductions;
import dev.engram.onnx.internal.operator.normalization.Softmaxes;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.operator.shape.Generators;
import dev.engram.onnx.internal.operator.shape.Parts;
import dev.engram.onnx.internal.operator.shape.Scattering;
import dev.engram.onnx.internal.operator.shape.Shapes;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.operator.vision.Convolutions;
import dev.engram.onnx.internal.operator.vision.Pooling;
import dev.engram.onnx.internal.operator.vision.Resize;
import dev.engram.onnx.internal.program.OperatorTable;

/** All operators that Engram has. */
public final class StandardOperators {

    /** By name, since which version of the operator set. */
    public static final OperatorTable TABLE = table();

    private StandardOperators() {}

    private static OperatorTable table() {
        OperatorTable table = new OperatorTable();
        Arithmetic.register(table);
        Activations.register(table);
        Logic.register(table);
        Reductions.register(table);
        TypeCasts.register(table);
        Shapes.register(table);
        Parts.register(table);
        Slicing.register(table);
        Gathering.register(table);
        Scattering.register(table);
        Generators.register(table);
        Ranking.register(table);
        Convolutions.register(table);
        Pooling.register(table);
        Normalization.register(table);
        Softmaxes.register(table);
        Losses.register(table);
        Attention.register(table);
        Rotary.register(table);
        Resize.register(table);
        Einsum.register(table);
        ControlFlow.register(table);
        return table;
    }
}
