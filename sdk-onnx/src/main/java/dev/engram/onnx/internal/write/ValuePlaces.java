package dev.engram.onnx.internal.write;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds where in a file the values of initialisers and of Constant nodes lie, by the wire format
 * alone, so that they can be replaced without a change to any other byte.
 */
final class ValuePlaces {

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_NAME = 1;
    private static final int ATTRIBUTE_TENSOR = 5;
    private static final int TENSOR_FLOATS = 4;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW = 9;
    private static final int TENSOR_DOUBLES = 10;

    /** A run of bytes in a file. */
    record Place(long offset, long length) {}

    private final Map<String, Place> places = new HashMap<>();
    private final CodedInputStream in;

    private ValuePlaces(byte[] file) {
        in = CodedInputStream.newInstance(file);
    }

    static ValuePlaces of(byte[] file) throws IOException {
        ValuePlaces found = new ValuePlaces(file);
        found.each(Map.of(MODEL_GRAPH, found::graph));
        return found;
    }

    /** Where the values lie; empty if they are not in one run of fixed-size numbers. */
    Optional<Place> find(String name) {
        return Optional.ofNullable(places.get(name));
    }

    /** What is done with one message inside another. */
    private interface Visit {
        void run() throws IOException;
    }

    /** Visits fields that hold bytes, texts or messages; passes all others by. */
    private void each(Map<Integer, Visit> fields) throws IOException {
        int tag = in.readTag();
        while (tag != 0) {
            Visit visit = isBytes(tag) ? fields.get(WireFormat.getTagFieldNumber(tag)) : null;
            if (visit == null) {
                in.skipField(tag);
            } else {
                int outer = in.pushLimit(in.readRawVarint32());
                visit.run();
                in.popLimit(outer);
            }
            tag = in.readTag();
        }
    }

    private static boolean isBytes(int tag) {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private void graph() throws IOException {
        each(
                Map.of(
                        GRAPH_NODE,
                        () -> new NodePlaces().read(),
                        GRAPH_INITIALIZER,
                        () -> {
                            TensorPlace tensor = new TensorPlace();
                            tensor.read();
                            tensor.put(tensor.name);
                        }));
    }

    private String text() throws IOException {
        byte[] bytes = in.readRawBytes(in.getBytesUntilLimit());
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The tensor of a Constant node, which has the name of the node's output. */
    private final class NodePlaces {

        private String output = "";
        private @Nullable TensorPlace value;

        void read() throws IOException {
            each(Map.of(NODE_OUTPUT, () -> output = text(), NODE_ATTRIBUTE, this::attribute));
            if (value != null) {
                value.put(output);
            }
        }

        private void attribute() throws IOException {
            TensorPlace tensor = new TensorPlace();
            String[] name = {""};
            each(Map.of(ATTRIBUTE_NAME, () -> name[0] = text(), ATTRIBUTE_TENSOR, tensor::read));
            value = name[0].equals("value") ? tensor : value;
        }
    }

    /** Where the values of one tensor lie. */
    private final class TensorPlace {

        private String name = "";
        private @Nullable Place place;
        private int runs;

        void read() throws IOException {
            int tag = in.readTag();
            while (tag != 0) {
                int field = WireFormat.getTagFieldNumber(tag);
                if (isBytes(tag) && field == TENSOR_NAME) {
                    name = in.readStringRequireUtf8();
                } else if (isValues(field)) {
                    runs += isBytes(tag) ? 1 : 2;
                    place = isBytes(tag) ? skipped() : unpacked(tag);
                } else {
                    in.skipField(tag);
                }
                tag = in.readTag();
            }
        }

        void put(String key) {
            if (place != null && runs == 1) {
                places.put(key, place);
            }
        }
    }

    private static boolean isValues(int field) {
        return field == TENSOR_RAW || field == TENSOR_FLOATS || field == TENSOR_DOUBLES;
    }

    private Place skipped() throws IOException {
        int length = in.readRawVarint32();
        Place place = new Place(in.getTotalBytesRead(), length);
        in.skipRawBytes(length);
        return place;
    }

    private Place unpacked(int tag) throws IOException {
        in.skipField(tag);
        return new Place(0, 0);
    }
}
