package dev.engram.onnx.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds where in a file the values of initialisers lie, by the wire format alone, so that they can
 * be replaced without a change to any other byte.
 */
final class ValuePlaces {

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int TENSOR_FLOATS = 4;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW = 9;
    private static final int TENSOR_DOUBLES = 10;

    /** A run of bytes in a file. */
    record Place(long offset, long length) {}

    private final Map<String, Place> places = new HashMap<>();

    private ValuePlaces() {}

    static ValuePlaces of(byte[] file) throws IOException {
        ValuePlaces found = new ValuePlaces();
        CodedInputStream in = CodedInputStream.newInstance(file);
        found.each(
                in, MODEL_GRAPH, () -> found.each(in, GRAPH_INITIALIZER, () -> found.tensor(in)));
        return found;
    }

    /** Where the values lie; empty if they are not in one run of fixed-size numbers. */
    Optional<Place> find(String initializer) {
        return Optional.ofNullable(places.get(initializer));
    }

    /** What is done with one message inside another. */
    private interface Visit {
        void run() throws IOException;
    }

    private void each(CodedInputStream in, int field, Visit visit) throws IOException {
        int tag = in.readTag();
        while (tag != 0) {
            if (isBytes(tag) && WireFormat.getTagFieldNumber(tag) == field) {
                int outer = in.pushLimit(in.readRawVarint32());
                visit.run();
                in.popLimit(outer);
            } else {
                in.skipField(tag);
            }
            tag = in.readTag();
        }
    }

    private static boolean isBytes(int tag) {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private void tensor(CodedInputStream in) throws IOException {
        String name = "";
        Place place = null;
        int runs = 0;
        int tag = in.readTag();
        while (tag != 0) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (isBytes(tag) && field == TENSOR_NAME) {
                name = in.readStringRequireUtf8();
            } else if (isValues(field)) {
                runs += isBytes(tag) ? 1 : 2;
                place = isBytes(tag) ? skipped(in) : unpacked(in, tag);
            } else {
                in.skipField(tag);
            }
            tag = in.readTag();
        }
        if (place != null && runs == 1) {
            places.put(name, place);
        }
    }

    private static boolean isValues(int field) {
        return field == TENSOR_RAW || field == TENSOR_FLOATS || field == TENSOR_DOUBLES;
    }

    private static Place skipped(CodedInputStream in) throws IOException {
        int length = in.readRawVarint32();
        Place place = new Place(in.getTotalBytesRead(), length);
        in.skipRawBytes(length);
        return place;
    }

    private static Place unpacked(CodedInputStream in, int tag) throws IOException {
        in.skipField(tag);
        return new Place(0, 0);
    }
}
