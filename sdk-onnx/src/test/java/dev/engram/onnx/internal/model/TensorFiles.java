package dev.engram.onnx.internal.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.onnx.internal.proto.ExternalData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The {@code .pb} files in which ONNX's node tests keep inputs and outputs. */
public final class TensorFiles {

    private TensorFiles() {}

    public static Tensor read(Path file) throws IOException {
        TensorProto tensor = TensorProto.parseFrom(Files.readAllBytes(file));
        TensorReader reader = new TensorReader(new ExternalData(file), Files.size(file));
        return reader.read(tensor, file.toString());
    }
}
