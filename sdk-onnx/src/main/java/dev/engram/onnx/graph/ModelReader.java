package dev.engram.onnx.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.proto.ExternalData;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a model file in one piece. */
final class ModelReader {

    /** Messages inside messages: graphs in attributes in nodes, three levels each. */
    private static final int DEEPEST_MESSAGE = 100;

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
        ModelProto model = parse(file);
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

    static ModelProto parse(Path file) throws IOException {
        ModelFile.requireFile(file);
        ByteBuffer bytes = bytes(file);
        try {
            // The tensors stay views of these bytes: a large model is not on the heap twice.
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true);
            in.setRecursionLimit(DEEPEST_MESSAGE);
            ModelProto model = ModelProto.parseFrom(in);
            in.checkLastTagWas(0);
            return model;
        } catch (InvalidProtocolBufferException e) {
            throw new OnnxException(
                    file + " is no ONNX model, or was damaged: " + e.getMessage(), e);
        }
    }

    private static ByteBuffer bytes(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new OnnxException(
                        file + " has more than 2 GiB; save its tensors as external data");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            ExternalData.fill(bytes, channel);
            return bytes.flip();
        }
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
