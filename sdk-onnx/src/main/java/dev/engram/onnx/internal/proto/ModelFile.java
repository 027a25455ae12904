package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Reads and writes model files; a file is replaced as a whole or not at all. */
public final class ModelFile {

    /** The metadata of a prepared file that names the file it was made from. */
    private static final String BASE = "engram.base.sha256";

    /** The metadata of a prepared file that says what it held when it was prepared. */
    private static final String CONTENT = "engram.content.sha256";

    /** Messages inside messages: graphs in attributes in nodes, three levels each. */
    private static final int DEEPEST_MESSAGE = 100;

    private ModelFile() {}

    /**
     * Returns the model in a file.
     *
     * @throws EngramException if there is no file, or it is no ONNX model
     */
    public static ModelProto read(Path file) {
        ModelProto model = parsed(file);
        if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
            throw new EngramException("%s holds no graph: give an ONNX model file".formatted(file));
        }
        new ExternalData(file).requireInside(model.getGraph());
        return model;
    }

    /**
     * Returns the files with a model's external data, in the order in which the model names them.
     *
     * @throws EngramException as {@link #read} does
     */
    public static List<Path> externalFiles(Path file) {
        ExternalData data = new ExternalData(file);
        return ExternalData.tensors(read(file).getGraph())
                .map(tensor -> data.place(tensor, file.toString()).file())
                .distinct()
                .toList();
    }

    /**
     * Refuses what is no file to read from: a pipe would be waited for, a device never ends.
     *
     * @throws EngramException saying what there is
     */
    public static void requireFile(Path file) {
        if (!Files.exists(file)) {
            throw new EngramException("There is no model file " + file.toAbsolutePath());
        }
        if (!Files.isRegularFile(file)) {
            throw new EngramException(
                    file + " is a folder, pipe or device: give an ONNX model in a regular file");
        }
    }

    /**
     * Returns the message in a file, its tensors as views of the file's bytes: a large model is not
     * on the heap twice.
     *
     * @throws EngramException if there is no file, or it is no ONNX model
     */
    public static ModelProto parsed(Path file) {
        requireFile(file);
        try {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes(file)).newCodedInput();
            in.enableAliasing(true);
            in.setRecursionLimit(DEEPEST_MESSAGE);
            ModelProto model = ModelProto.parseFrom(in);
            in.checkLastTagWas(0);
            return model;
        } catch (InvalidProtocolBufferException e) {
            throw new EngramException(
                    "%s is no ONNX model, or was damaged (%s): export or copy it again"
                            .formatted(file, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read the model %s (%s): is the file there, and may this process read it?"
                            .formatted(file, e),
                    e);
        }
    }

    private static ByteBuffer bytes(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new EngramException(
                        file + " has more than 2 GiB; save its tensors as external data");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            ExternalData.fill(bytes, channel);
            return bytes.flip();
        }
    }

    /**
     * Writes a model beside the target, forces it to the disk and gives it the target's name; where
     * the target is a link, the file that it leads to is replaced.
     */
    public static void write(ModelProto model, Path target) {
        requireFolder(target);
        try {
            AtomicReplacement.write(target, model::writeTo);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot write the model %s (%s): give a folder that this process may write, on a disk with room"
                            .formatted(target, e),
                    e);
        }
    }

    /**
     * Refuses a target in a folder that is not there.
     *
     * @throws EngramException naming the folder
     */
    public static void requireFolder(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new EngramException(
                    "%s cannot be written: there is no folder %s".formatted(target, folder));
        }
    }

    /**
     * Returns the SHA-256 of the model that a file was made from: what it states, if it still holds
     * what it held then, and its own otherwise.
     */
    public static String fingerprint(ModelProto model, Path file) {
        String base = stated(model, BASE);
        boolean isAsPrepared = !base.isEmpty() && stated(model, CONTENT).equals(content(model));
        return isAsPrepared ? base : checksum(file);
    }

    /** States in a model which file it was made from, and what it holds now. */
    public static void setFingerprint(ModelProto.Builder model, String fingerprint) {
        List<StringStringEntryProto> others =
                model.getMetadataPropsList().stream()
                        .filter(entry -> !Set.of(BASE, CONTENT).contains(entry.getKey()))
                        .toList();
        String content = content(model.build());
        model.clearMetadataProps().addAllMetadataProps(others);
        model.addMetadataPropsBuilder().setKey(BASE).setValue(fingerprint);
        model.addMetadataPropsBuilder().setKey(CONTENT).setValue(content);
    }

    private static String stated(ModelProto model, String key) {
        return model.getMetadataPropsList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse("");
    }

    /** Returns the SHA-256 of all but the metadata: nodes, weights and slots. */
    private static String content(ModelProto model) {
        Sha256 sum = Sha256.begin();
        try (OutputStream stream = sum.stream()) {
            model.toBuilder().clearMetadataProps().build().writeTo(stream);
            return sum.hex();
        } catch (IOException e) {
            throw new EngramException("Cannot compute the checksum of a model: " + e, e);
        }
    }

    private static String checksum(Path file) {
        try {
            return Checksums.of(file);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read the model %s (%s): is the file there, and may this process read it?"
                            .formatted(file, e),
                    e);
        }
    }
}
