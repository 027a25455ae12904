package dev.engram.onnx.internal.write;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.ExternalData;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * New values for initialisers of a file, and for the tensors of its Constant nodes by the names of
 * their outputs: the same names, types and shapes, little-endian.
 *
 * <p>Values go where the old ones were, in the file or in one beside it, and every other byte stays
 * as it was. Only aliases that become tensors of their own, and values that were kept as a list of
 * numbers of varying width, need the model written anew.
 */
public final class NewValues {

    private final Path source;
    private final Map<String, byte[]> values;

    /** Creates them for a model file. */
    public NewValues(Path source, Map<String, byte[]> values) {
        this.source = source;
        this.values = Map.copyOf(values);
    }

    /**
     * Writes a copy of the model, with the new values, into a folder, as it is to be at a target.
     *
     * <p>Files with external data are copied up to the last byte in use. If the target is the
     * source, those in which nothing changes are only linked to, and those in which something does
     * are copied whole, unless they have by far more bytes than the model uses.
     *
     * @param folder where to, empty and on the target's disk
     * @param target where the model is to go from there; a real path
     * @return the files that take the place of those at the target, the model last
     * @throws OnnxException if the source is gone, or the target is a file that is no ONNX model,
     *     in the source's folder and would share its external data, or in a folder with a file of
     *     the name of such data that the target's present model does not name. Nothing was written
     *     then
     */
    public List<Path> write(Path folder, Path target) throws IOException {
        if (!Files.isRegularFile(source)) {
            throw new OnnxException(
                    source
                            + " is gone: what was learnt is put into a copy of the file that the"
                            + " block came from, so put it back there");
        }
        byte[] file = Files.readAllBytes(source);
        GraphProto graph = ModelFile.parsed(source).getGraph();
        List<Path> written = new ArrayList<>(external(graph, folder, target));
        Map<String, TensorProto> tensors = tensors(graph);
        Map<String, byte[]> anew = put(file, tensors);
        byte[] result = anew.isEmpty() ? file : new Rebuild(anew).of(ModelProto.parseFrom(file));
        written.add(create(folder.resolve(target.getFileName()), result));
        return written;
    }

    /** Never over what is there: that may be a link to a file in use. */
    private static Path create(Path file, byte[] bytes) throws IOException {
        return Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
            if (tensor == null || (!ExternalData.isExternal(tensor) && place.isEmpty())) {
                anew.put(name, bytes);
            } else if (!ExternalData.isExternal(tensor)) {
                requireLength(name, place.get().length(), bytes.length);
                System.arraycopy(bytes, 0, file, (int) place.get().offset(), bytes.length);
            }
        }
        return anew;
    }

    private void requireLength(String name, long wanted, long given) {
        if (wanted != given) {
            throw new OnnxException(
                    source + ": \"" + name + "\" has " + wanted + " bytes, and is to get " + given);
        }
    }

    /** Where the new values go that are kept outside, and how far each file there is used. */
    private List<Path> external(GraphProto graph, Path folder, Path target) throws IOException {
        ExternalData data = new ExternalData(source);
        Map<Path, Long> used = new LinkedHashMap<>();
        ExternalData.tensors(graph)
                .map(tensor -> data.place(tensor, quoted(tensor)))
                .forEach(place -> used.merge(place.file(), place.end(), Math::max));
        Path real = source.toRealPath();
        new TargetCheck(real, target).require(used.keySet());
        return new ExternalCopies(real, target).write(used, patches(graph, data), folder);
    }

    private Map<Path, List<FilePatch>> patches(GraphProto graph, ExternalData data) {
        Map<Path, List<FilePatch>> patches = new LinkedHashMap<>();
        for (TensorProto tensor : tensors(graph).values()) {
            byte[] bytes = values.get(tensor.getName());
            if (bytes != null && ExternalData.isExternal(tensor)) {
                ExternalData.Place place = data.place(tensor, quoted(tensor));
                requireLength(tensor.getName(), place.length(), bytes.length);
                patches.computeIfAbsent(place.file(), file -> new ArrayList<>())
                        .add(new FilePatch(place.offset(), bytes));
            }
        }
        return patches;
    }

    private static String quoted(TensorProto tensor) {
        return "\"" + tensor.getName() + "\"";
    }
}
