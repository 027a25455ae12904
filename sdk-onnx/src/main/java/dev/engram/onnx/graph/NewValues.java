package dev.engram.onnx.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * New values for initialisers of a file, and for the tensors of its Constant nodes by the names of
 * their outputs: the same names, types and shapes, little-endian.
 *
 * <p>Values go where the old ones were, in the file or in one beside it, and every other byte stays
 * as it was. Only aliases that become tensors of their own, and values that were kept as a list of
 * numbers of varying width, need the model written anew.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class NewValues {

    private final Path source;
    private final Map<String, byte[]> values;

    /** Creates them for a model file. */
    public NewValues(Path source, Map<String, byte[]> values) {
        this.source = source;
        this.values = Map.copyOf(values);
    }

    /**
     * Writes a copy of the model, with the new values, into another folder.
     *
     * @param folder where to; it also gets the files with external data
     * @param name the name of the model there
     * @return the files that were written, the model last
     */
    public List<Path> write(Path folder, String name) throws IOException {
        byte[] file = Files.readAllBytes(source);
        Map<String, TensorProto> tensors = tensors(ModelReader.parse(source).getGraph());
        List<Path> written = external(tensors, folder);
        Map<String, byte[]> anew = put(file, tensors);
        byte[] result = anew.isEmpty() ? file : new Rebuild(anew).of(ModelProto.parseFrom(file));
        written.add(Files.write(folder.resolve(name), result));
        return written;
    }

    private static Map<String, TensorProto> tensors(GraphProto graph) {
        Map<String, TensorProto> tensors = new LinkedHashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            Rebuild.held(node).ifPresent(tensor -> tensors.put(tensor.getName(), tensor));
        }
        graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
        return tensors;
    }

    /** Puts values where the old ones were; returns those that had no such place. */
    private Map<String, byte[]> put(byte[] file, Map<String, TensorProto> tensors)
            throws IOException {
        ValuePlaces places = ValuePlaces.of(file);
        Map<String, byte[]> anew = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> value : values.entrySet()) {
            String name = value.getKey();
            byte[] bytes = value.getValue();
            TensorProto tensor = tensors.get(name);
            Optional<ValuePlaces.Place> place = places.find(name);
            if (tensor == null || (!isExternal(tensor) && place.isEmpty())) {
                anew.put(name, bytes);
            } else if (!isExternal(tensor)) {
                requireLength(name, place.get().length(), bytes.length);
                System.arraycopy(bytes, 0, file, (int) place.get().offset(), bytes.length);
            }
        }
        return anew;
    }

    private static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == DataLocation.EXTERNAL;
    }

    private void requireLength(String name, long wanted, long given) {
        if (wanted != given) {
            throw new OnnxException(
                    source + ": \"" + name + "\" has " + wanted + " bytes, and is to get " + given);
        }
    }

    /** Copies every file with external data, and puts the new values into the copies. */
    private List<Path> external(Map<String, TensorProto> tensors, Path folder) throws IOException {
        ExternalData data = new ExternalData(source);
        Path home = source.toRealPath().resolveSibling(".").normalize();
        Set<Path> copies = new LinkedHashSet<>();
        for (TensorProto tensor : tensors.values()) {
            if (isExternal(tensor)) {
                ExternalData.Place place = data.place(tensor, "\"" + tensor.getName() + "\"");
                Path copy = folder.resolve(home.relativize(place.file()).toString());
                if (copies.add(copy)) {
                    Files.createDirectories(copy.resolveSibling(".").normalize());
                    Files.copy(place.file(), copy);
                }
                patch(tensor, place, copy);
            }
        }
        return new ArrayList<>(copies);
    }

    private void patch(TensorProto tensor, ExternalData.Place place, Path copy) throws IOException {
        byte[] bytes = values.get(tensor.getName());
        if (bytes != null) {
            requireLength(tensor.getName(), place.length(), bytes.length);
            FilePatch.put(copy, place.offset(), bytes);
        }
    }
}
