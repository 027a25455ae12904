package dev.engram.onnx.internal.operator.normalization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;

/** Losses that a graph computes itself. */
public final class Losses {

    private Losses() {}

    public static void register(OperatorTable table) {
        table.single("NegativeLogLikelihoodLoss", 12, call -> likelihood(call, call.array(0)));
        table.add("SoftmaxCrossEntropyLoss", 12, Losses::crossEntropy);
    }

    private static NDList crossEntropy(Call call) {
        NDArray logs = call.array(0).logSoftmax(1);
        return new NDList(likelihood(call, logs), logs);
    }

    private static NDArray likelihood(Call call, NDArray logs) {
        NDArray labels = call.array(1).toType(DataType.INT64, false);
        NDArray kept = kept(call.attributes(), labels, logs);
        NDArray safe = labels.mul(kept.toType(DataType.INT64, false));
        NDArray loss = logs.gather(safe.expandDims(1), 1).squeeze(1).neg();
        NDArray weight =
                call.has(2)
                        ? Gathering.take(call.array(2), 0, safe.flatten())
                                .reshape(labels.getShape())
                                .mul(kept)
                        : kept;
        NDArray weighted = loss.mul(weight);
        return switch (call.attributes().text("reduction", "mean")) {
            case "none" -> weighted;
            case "sum" -> weighted.sum();
            default -> weighted.sum().div(weight.sum());
        };
    }

    /** One for each label that counts, zero for the one that is to be ignored. */
    private static NDArray kept(Attributes told, NDArray labels, NDArray logs) {
        if (!told.has("ignore_index")) {
            return logs.getManager().ones(labels.getShape(), logs.getDataType());
        }
        return labels.neq(told.integer("ignore_index", 0)).toType(logs.getDataType(), false);
    }
}
