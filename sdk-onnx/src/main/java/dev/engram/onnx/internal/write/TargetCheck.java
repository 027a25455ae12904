package dev.engram.onnx.internal.write;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.ExternalData;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Refuses a target at which a model would overwrite what is not its own, or share its data. */
final class TargetCheck {

    private final Path source;
    private final Path target;
    private final Path home;
    private final Path folder;

    /**
     * Creates it.
     *
     * @param source the model as it is; a real path
     * @param target the model as it is to be; a real path
     */
    TargetCheck(Path source, Path target) {
        this.source = source;
        this.target = target;
        this.home = source.resolveSibling(".").normalize();
        this.folder = target.resolveSibling(".").normalize();
    }

    /**
     * Refuses the target, or does nothing.
     *
     * @param data the real files with the source's external data
     */
    void require(Set<Path> data) throws IOException {
        for (Path file : data) {
            requireOther(file);
        }
        if (target.equals(source)) {
            return;
        }
        Optional<ModelProto> present = present();
        for (Path file : data) {
            requireApart(file);
            requireFree(file, present);
        }
    }

    private void requireOther(Path file) throws IOException {
        boolean isThere = Files.exists(target);
        if (target.equals(file) || (isThere && Files.isSameFile(target, file))) {
            throw refused(
                    "%s keeps its tensors there, which would be lost. Give the new model another name"
                            .formatted(source));
        }
    }

    private Optional<ModelProto> present() throws IOException {
        if (!Files.exists(target)) {
            return Optional.empty();
        }
        try {
            ModelProto model = ModelFile.parsed(target);
            // Bytes of other kinds may happen to parse; without these two a file is no model.
            if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
                throw new OnnxException(target + " has no graph, or no version of operators");
            }
            return Optional.of(model);
        } catch (EngramException e) {
            throw new OnnxException(
                    "%s was not written: what is there is no ONNX model, and something may need it (%s). Give the new model another name, or remove the file"
                            .formatted(target, e.getMessage()),
                    e);
        }
    }

    private void requireApart(Path file) {
        if (folder.equals(home)) {
            throw refused(
                    "it would share %s with %s, and what is written to one would change the other. Write it into another folder, or over %s"
                            .formatted(home.relativize(file), source, source));
        }
    }

    private void requireFree(Path file, Optional<ModelProto> present) throws IOException {
        Path name = home.relativize(file);
        Path place = folder.resolve(name);
        if (place.startsWith(target)) {
            throw refused(
                    "its tensors go into a file %s beside it, of the same name. Give the new model another name"
                            .formatted(name));
        }
        requireInside(place);
        boolean isOwn =
                present.filter(model -> ExternalData.names(model.getGraph(), name)).isPresent()
                        && !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS);
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS) && !isOwn) {
            throw refused(
                    "its tensors would go into %s, which is there and belongs to no model of the name %s: another model may need it. Write into another folder, or remove the file if nothing does"
                            .formatted(place, target.getFileName()));
        }
    }

    /** A folder that is a link may lead to the data of the source itself. */
    private void requireInside(Path place) throws IOException {
        Path around = place.resolveSibling(".").normalize();
        if (Files.exists(around) && !around.toRealPath().equals(around)) {
            throw refused(
                    "its tensors would go into %s, and a link leads from there to %s. Write into another folder"
                            .formatted(around, around.toRealPath()));
        }
    }

    private OnnxException refused(String why) {
        return new OnnxException("%s was not written: %s".formatted(target, why));
    }
}
