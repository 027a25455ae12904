package dev.engram.replay.store;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Experimental;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Types, shapes and names of the arrays of one sample, without the batch dimension.
 *
 * <p>Its text has three sections, data, labels and predictions, between bars, and in each the
 * arrays between semicolons: {@code F32[784];U8[28,28]mask|I64[]|}. Names are URL-encoded.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Layout {

    private static final int SECTIONS = 3;

    /** The others abort the whole JVM when DJL's PyTorch engine creates an array of them. */
    private static final Set<DataType> STORABLE =
            EnumSet.of(
                    DataType.FLOAT64,
                    DataType.FLOAT32,
                    DataType.FLOAT16,
                    DataType.INT64,
                    DataType.INT32,
                    DataType.INT8,
                    DataType.UINT8,
                    DataType.BOOLEAN);

    private final List<List<Part>> sections;
    private final List<Part> parts;
    private final String text;
    private final long bytes;

    private Layout(List<List<Part>> sections) {
        this.sections = sections;
        this.parts = sections.stream().flatMap(List::stream).toList();
        this.text =
                sections.stream()
                        .map(
                                section ->
                                        section.stream()
                                                .map(Part::toString)
                                                .collect(Collectors.joining(";")))
                        .collect(Collectors.joining("|"));
        this.bytes = parts.stream().mapToLong(Part::bytes).sum();
    }

    /** Returns the layout of the rows of some arrays, whose first dimension counts samples. */
    public static Layout of(NDList data, NDList labels, NDList predictions) {
        List<List<Part>> sections = new ArrayList<>();
        for (NDList list : List.of(data, labels, predictions)) {
            sections.add(list.stream().map(Part::of).toList());
        }
        return new Layout(sections);
    }

    /**
     * Returns the layout that {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static Layout parse(String text) {
        String[] written = text.split("\\|", -1);
        if (written.length != SECTIONS) {
            throw new IllegalArgumentException("Not the layout of a sample: \"" + text + "\"");
        }
        List<List<Part>> sections = new ArrayList<>();
        for (String section : written) {
            sections.add(
                    section.isEmpty()
                            ? List.of()
                            : Arrays.stream(section.split(";")).map(Part::parse).toList());
        }
        return new Layout(sections);
    }

    /** Returns whether some arrays' rows are of this layout, without making theirs. */
    public boolean fits(NDList data, NDList labels, NDList predictions) {
        List<NDList> lists = List.of(data, labels, predictions);
        for (int i = 0; i < SECTIONS; i++) {
            if (!fits(sections.get(i), lists.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(List<Part> section, NDList arrays) {
        boolean fits = section.size() == arrays.size();
        for (int i = 0; fits && i < section.size(); i++) {
            fits = section.get(i).fits(arrays.get(i));
        }
        return fits;
    }

    /** Returns all arrays: data, then labels, then predictions. */
    public List<Part> parts() {
        return parts;
    }

    /** Returns how many bytes one sample takes. */
    public long bytes() {
        return bytes;
    }

    /** Returns the inputs among arrays in this layout's order. */
    public NDList data(NDList arrays) {
        return new NDList(arrays.subList(0, sections.get(0).size()));
    }

    /** Returns the labels among arrays in this layout's order. */
    public NDList labels(NDList arrays) {
        int from = sections.get(0).size();
        return new NDList(arrays.subList(from, from + sections.get(1).size()));
    }

    /** Returns the predictions among arrays in this layout's order. */
    public NDList predictions(NDList arrays) {
        int from = sections.get(0).size() + sections.get(1).size();
        return new NDList(arrays.subList(from, arrays.size()));
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Layout layout && text.equals(layout.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** One array of a sample. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public static final class Part {

        private final DataType type;
        private final Shape shape;
        private final String name;

        /**
         * Creates it.
         *
         * @throws IllegalArgumentException if arrays of the type cannot be kept
         */
        Part(DataType type, Shape shape, String name) {
            if (!STORABLE.contains(type)) {
                throw new IllegalArgumentException(
                        "An array%s of a sample has the type %s, which cannot be kept: cast it to one of %s before it is observed"
                                .formatted(
                                        name.isEmpty() ? "" : " \"" + name + "\"", type, STORABLE));
            }
            this.type = type;
            this.shape = shape;
            this.name = name;
        }

        /** Returns the type of its elements. */
        public DataType type() {
            return type;
        }

        /** Returns its shape, without the batch dimension. */
        public Shape shape() {
            return shape;
        }

        /** Returns its name as the model expects it, empty for none. */
        public String name() {
            return name;
        }

        static Part of(NDArray array) {
            String name = array.getName();
            return new Part(
                    array.getDataType(), array.getShape().slice(1), name == null ? "" : name);
        }

        static Part parse(String text) {
            int open = text.indexOf('[');
            int close = text.indexOf(']');
            if (open < 1 || close < open) {
                throw new IllegalArgumentException("Not the layout of an array: \"" + text + "\"");
            }
            String inner = text.substring(open + 1, close);
            long[] dimensions =
                    inner.isEmpty()
                            ? new long[0]
                            : Arrays.stream(inner.split(",")).mapToLong(Long::parseLong).toArray();
            return new Part(
                    DataType.fromSafetensors(text.substring(0, open)),
                    new Shape(dimensions),
                    URLDecoder.decode(text.substring(close + 1), StandardCharsets.UTF_8));
        }

        /** Returns whether the rows of an array are this. */
        boolean fits(NDArray array) {
            String called = array.getName();
            return type == array.getDataType()
                    && name.equals(called == null ? "" : called)
                    && shape.equals(array.getShape().slice(1));
        }

        /** Returns how many bytes it takes. */
        public long bytes() {
            return shape.size() * type.getNumOfBytes();
        }

        @Override
        public String toString() {
            String dimensions =
                    Arrays.stream(shape.getShape())
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining(","));
            return type.asSafetensors()
                    + "["
                    + dimensions
                    + "]"
                    + URLEncoder.encode(name, StandardCharsets.UTF_8);
        }
    }
}
