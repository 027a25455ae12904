package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.onnx.internal.proto.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whether two deployed models are one: all their files have the same bytes. */
final class SameModel {

    private SameModel() {}

    static boolean is(DeployedModel one, DeployedModel other) {
        try {
            return haveSameBytes(one.file(), other.file())
                    && haveSameBytes(
                            ModelFile.externalFiles(one.file()),
                            ModelFile.externalFiles(other.file()))
                    && haveSameBytes(one.adapters(), other.adapters());
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot compare %s with %s (%s): are the files there, and may this process read them?"
                            .formatted(one.file(), other.file(), e),
                    e);
        }
    }

    private static boolean haveSameBytes(Path one, Path other) throws IOException {
        return Files.exists(one) && Files.exists(other) && Files.mismatch(one, other) < 0;
    }

    private static boolean haveSameBytes(List<Path> some, List<Path> others) throws IOException {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            same = haveSameBytes(some.get(i), others.get(i));
        }
        return same;
    }

    private static boolean haveSameBytes(Map<String, Path> some, Map<String, Path> others)
            throws IOException {
        List<String> tasks = some.keySet().stream().sorted().toList();
        return some.keySet().equals(others.keySet())
                && haveSameBytes(
                        tasks.stream().map(some::get).toList(),
                        tasks.stream().map(others::get).toList());
    }
}
