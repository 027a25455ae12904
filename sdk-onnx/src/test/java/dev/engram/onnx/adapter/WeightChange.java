package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes {@code W + scale · left·right} into a model, which an adapter must equal. */
final class WeightChange {

    private WeightChange() {}

    static void apply(
            ModelProto.Builder model,
            int initialiser,
            FloatMatrix left,
            FloatMatrix right,
            double scale) {
        TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(initialiser);
        ByteBuffer raw =
                ByteBuffer.wrap(tensor.getRawData().toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < left.rows(); row++) {
            for (int column = 0; column < right.columns(); column++) {
                int place = (row * right.columns() + column) * Float.BYTES;
                double sum = 0;
                for (int k = 0; k < left.columns(); k++) {
                    sum += (double) left.at(row, k) * right.at(k, column);
                }
                raw.putFloat(place, (float) (raw.getFloat(place) + scale * sum));
            }
        }
        tensor.setRawData(ByteString.copyFrom(raw.array()));
    }
}
