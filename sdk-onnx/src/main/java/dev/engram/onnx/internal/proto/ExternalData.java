package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tensors that a model keeps in files beside it: only files of its own folder are opened. */
public final class ExternalData {

    private static final int PIECE = 1 << 20;

    /** A mapping takes whole pages and a system call. */
    private static final long LEAST_MAPPED = 1 << 16;

    private static final boolean IS_WINDOWS =
            System.getProperty("os.name", "").startsWith("Windows");

    private final Path model;

    /** Creates it for a model file. */
    public ExternalData(Path model) {
        this.model = model;
    }

    /** Where a tensor's bytes lie; the file is a real one in the folder of the model. */
    public record Place(Path file, long offset, long length) {

        /** Returns where they end. */
        public long end() {
            return offset + length;
        }
    }

    /**
     * Returns the tensors that a graph keeps outside, those of the graphs in its nodes included.
     */
    public static Stream<TensorProto> tensors(GraphProto graph) {
        Stream<TensorProto> inNodes =
                graph.getNodeList().stream()
                        .map(NodeProto::getAttributeList)
                        .flatMap(List::stream)
                        .flatMap(ExternalData::tensors);
        return Stream.concat(graph.getInitializerList().stream(), inNodes)
                .filter(ExternalData::isExternal);
    }

    private static Stream<TensorProto> tensors(AttributeProto told) {
        return Stream.concat(
                told.hasG() ? tensors(told.getG()) : Stream.of(),
                told.hasT() ? Stream.of(told.getT()) : Stream.of());
    }

    /** Returns whether a tensor's values are outside the model's file. */
    public static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == DataLocation.EXTERNAL;
    }

    /**
     * Returns whether a tensor of a graph is said to lie in a file.
     *
     * @param file its path inside the model's folder
     */
    public static boolean names(GraphProto graph, Path file) {
        String name = file.toString().replace('\\', '/');
        return tensors(graph)
                .map(tensor -> told(tensor).getOrDefault("location", ""))
                .anyMatch(location -> location.replaceFirst("^(\\./)+", "").equals(name));
    }

    /**
     * Refuses a graph with a tensor that is kept where nothing is opened, or nothing is.
     *
     * @throws EngramException naming the tensor
     */
    void requireInside(GraphProto graph) {
        tensors(graph).forEach(tensor -> place(tensor, model + ", \"" + tensor.getName() + "\""));
    }

    /** Returns how many bytes there are for a tensor. */
    public long mostBytes(TensorProto tensor, String where) {
        return place(tensor, where).length();
    }

    /**
     * Returns a tensor's values, as many as it should have: mapped, so that a large model is not on
     * the heap while it is read. Windows would not let a mapped file be replaced.
     */
    public ByteBuffer read(TensorProto tensor, long bytes, String where) {
        Place place = place(tensor, where);
        try (FileChannel channel = FileChannel.open(place.file())) {
            if (bytes >= LEAST_MAPPED && bytes <= place.length() && !IS_WINDOWS) {
                return channel.map(FileChannel.MapMode.READ_ONLY, place.offset(), bytes)
                        .order(ByteOrder.LITTLE_ENDIAN);
            }
            ByteBuffer values = ByteBuffer.allocate((int) Math.min(bytes, place.length()));
            channel.position(place.offset());
            fill(values, channel);
            return values.flip().order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new EngramException(where + ": " + place.file() + " cannot be read", e);
        }
    }

    /**
     * Returns where a tensor's bytes lie.
     *
     * @param where what it is, for messages
     * @throws EngramException if that is no place inside a file in the model's folder
     */
    public Place place(TensorProto tensor, String where) {
        Map<String, String> told = told(tensor);
        try {
            Path file = inFolder(told.getOrDefault("location", ""), where);
            return inFile(file, told, where);
        } catch (IOException e) {
            throw new EngramException(
                    where
                            + " is kept in another file, which cannot be read; put it beside "
                            + model,
                    e);
        }
    }

    private static Map<String, String> told(TensorProto tensor) {
        Map<String, String> told = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            told.put(entry.getKey(), entry.getValue());
        }
        return told;
    }

    private static Place inFile(Path file, Map<String, String> told, String where)
            throws IOException {
        long size = Files.size(file);
        long offset = number(told.getOrDefault("offset", "0"), where);
        String length = told.getOrDefault("length", "");
        long bytes = length.isEmpty() ? Math.max(0, size - offset) : number(length, where);
        if (offset > size || bytes > size - offset) {
            throw new EngramException(
                    where
                            + " lies at "
                            + offset
                            + "+"
                            + bytes
                            + " of "
                            + file
                            + ", which has only "
                            + size
                            + " bytes");
        }
        return new Place(file, offset, bytes);
    }

    private Path inFolder(String location, String where) throws IOException {
        Path folder = model.toRealPath().resolveSibling(".").normalize();
        try {
            Path named = Path.of(location);
            if (location.isBlank() || named.isAbsolute() || leaves(named)) {
                throw outside(location, where);
            }
            Path real = folder.resolve(named).toRealPath();
            if (!real.startsWith(folder) || !Files.isRegularFile(real)) {
                throw outside(location, where);
            }
            return real;
        } catch (InvalidPathException e) {
            throw outside(location, where);
        }
    }

    /** Reads until the buffer is full or the file ends. */
    public static void fill(ByteBuffer buffer, FileChannel channel) throws IOException {
        // In pieces: a channel copies through a buffer as large as the one that it is given.
        int end = buffer.limit();
        boolean more = true;
        while (more && buffer.position() < end) {
            buffer.limit(Math.min(end, buffer.position() + PIECE));
            more = channel.read(buffer) >= 0;
        }
        buffer.limit(end);
    }

    private static boolean leaves(Path named) {
        for (Path part : named) {
            if (part.toString().equals("..")) {
                return true;
            }
        }
        return named.toString().contains("\\");
    }

    private EngramException outside(String location, String where) {
        return new EngramException(
                where
                        + " is kept in \""
                        + location
                        + "\", outside its folder or no file there; nothing outside the folder of "
                        + model
                        + " is opened");
    }

    private static long number(String text, String where) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new EngramException(where + " lies at \"" + text + "\", which is no number", e);
        }
        throw new EngramException(where + " lies at " + text + ", before its file begins");
    }
}
