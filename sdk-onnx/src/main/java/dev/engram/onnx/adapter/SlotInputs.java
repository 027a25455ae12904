package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;

/** The optional inputs of a slot: of any rank, with defaults of rank 0. */
final class SlotInputs {

    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

    private final AdapterSlot slot;

    SlotInputs(AdapterSlot slot) {
        this.slot = slot;
    }

    void addTo(GraphProto.Builder graph) {
        Dimension rank = Dimension.newBuilder().setDimParam(slot.weight() + ".rank").build();
        graph.addInput(input(slot.a(), size(slot.in()), rank));
        graph.addInput(input(slot.b(), rank, size(slot.out())));
        graph.addInitializer(empty(slot.a()).addDims(slot.in()).addDims(0));
        graph.addInitializer(empty(slot.b()).addDims(0).addDims(slot.out()));
    }

    private static ValueInfoProto input(String name, Dimension rows, Dimension columns) {
        TypeProto.Builder type = TypeProto.newBuilder();
        type.getTensorTypeBuilder()
                .setElemType(FLOAT)
                .getShapeBuilder()
                .addDim(rows)
                .addDim(columns);
        return ValueInfoProto.newBuilder().setName(name).setType(type).build();
    }

    private static Dimension size(long size) {
        return Dimension.newBuilder().setDimValue(size).build();
    }

    private static TensorProto.Builder empty(String name) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(FLOAT)
                .setRawData(ByteString.EMPTY);
    }
}
