package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a model keeps weights outside its file; anywhere but in its folder is refused. */
final class ExternalData {

    private final Path model;
    private final Path folder;

    ExternalData(Path model) {
        this.model = model;
        this.folder = model.toAbsolutePath().normalize().resolveSibling("").normalize();
    }

    /** Refuses a model with an initialiser outside the folder, also through a link. */
    void requireInside(GraphProto graph) throws IOException {
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                String location = location(tensor);
                if (!isInside(location)) {
                    throw new EngramException(
                            "%s keeps %s in %s, outside its folder: nothing there is opened"
                                    .formatted(model, tensor.getName(), location));
                }
            }
        }
    }

    private static String location(TensorProto tensor) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals("location"))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse("");
    }

    private boolean isInside(String location) throws IOException {
        try {
            Path file = folder.resolve(location).normalize();
            return file.startsWith(folder)
                    && (!Files.exists(file) || file.toRealPath().startsWith(folder.toRealPath()));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
