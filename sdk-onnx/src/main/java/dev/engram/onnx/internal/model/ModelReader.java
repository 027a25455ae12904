package dev.engram.onnx.internal.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.ExternalData;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a model file in one piece. */
final class ModelReader {

    private ModelReader() {}

    static OnnxModel read(Path file) throws IOException {
        try {
            return checked(file);
        } catch (OnnxException e) {
            throw e;
        } catch (EngramException e) {
            throw new OnnxException(String.valueOf(e.getMessage()), e);
        }
    }

    private static OnnxModel checked(Path file) throws IOException {
        ModelProto model = ModelFile.parsed(file);
        if (!model.hasGraph()) {
            throw new OnnxException(file + " is no ONNX model: it has no graph");
        }
        if (model.getFunctionsCount() > 0) {
            throw new OnnxException(
                    file
                            + " has functions of its own; inline them when exporting"
                            + " (onnx.inliner.inline_local_functions)");
        }
        TensorReader tensors = new TensorReader(new ExternalData(file), Files.size(file));
        Graph graph = new GraphReader(tensors, file.toString()).read(model.getGraph());
        return new OnnxModel(file, opset(model, file), graph);
    }

    private static long opset(ModelProto model, Path file) {
        for (OperatorSetIdProto set : model.getOpsetImportList()) {
            if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
                return set.getVersion();
            }
        }
        throw new OnnxException(file + " does not say which version of ONNX's operators it uses");
    }
}
