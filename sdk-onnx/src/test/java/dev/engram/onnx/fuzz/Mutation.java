package dev.engram.onnx.fuzz;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages files: cuts them, changes bytes, copies pieces, and points tensors to other files. */
final class Mutation {

    /** Most of a graph's structure lies before its weights. */
    private static final int HEAD = 4000;

    private static final int MOST_CHANGES = 6;
    private static final int LONGEST_PIECE = 16;

    private final Random random;
    private final List<String> locations;

    /**
     * Creates it.
     *
     * @param locations where tensors are pointed to
     */
    Mutation(Random random, List<String> locations) {
        this.random = random;
        this.locations = List.copyOf(locations);
    }

    byte[] of(byte[] good) {
        byte[] source = random.nextInt(8) == 0 ? pointed(good) : good;
        byte[] bad =
                random.nextInt(4) == 0
                        ? Arrays.copyOf(source, random.nextInt(source.length + 1))
                        : source.clone();
        int changes = source == good ? 1 + random.nextInt(MOST_CHANGES) : random.nextInt(2);
        for (int i = 0; i < changes && bad.length > 0; i++) {
            change(bad);
        }
        return bad;
    }

    private void change(byte[] bytes) {
        int most = random.nextBoolean() ? bytes.length : Math.min(bytes.length, HEAD);
        int at = random.nextInt(most);
        switch (random.nextInt(4)) {
            case 0 -> bytes[at] = (byte) random.nextInt(256);
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] = random.nextBoolean() ? (byte) -1 : Byte.MAX_VALUE;
            default -> {
                int length = Math.min(random.nextInt(LONGEST_PIECE), bytes.length - at);
                int from = random.nextInt(bytes.length - length + 1);
                System.arraycopy(bytes, from, bytes, at, length);
            }
        }
    }

    /** A whole model of which one tensor is said to lie in another file. */
    private byte[] pointed(byte[] good) {
        try {
            ModelProto model = ModelProto.parseFrom(good);
            GraphProto.Builder graph = model.getGraph().toBuilder();
            if (graph.getInitializerCount() == 0) {
                return good;
            }
            TensorProto.Builder tensor =
                    graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
            tensor.clearRawData().clearFloatData();
            tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL);
            tensor.addExternalData(
                    entry("location", locations.get(random.nextInt(locations.size()))));
            return model.toBuilder().setGraph(graph).build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            return good;
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
