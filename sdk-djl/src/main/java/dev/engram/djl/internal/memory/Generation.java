package dev.engram.djl.internal.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.memory.MemoryReader;
import dev.engram.djl.memory.DamagedMemoryException;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.files.DataTypeName;
import dev.engram.kit.files.Safetensors;
import dev.engram.kit.shape.ModelShapes;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One complete state of the memory, whose checksums were found right. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Generation {

    private final Path folder;
    private final Manifest manifest;

    Generation(Path folder, Manifest manifest) {
        this.folder = folder;
        this.manifest = manifest;
    }

    /** Returns its number; later ones are higher. */
    public long number() {
        return manifest.generation;
    }

    /** Returns the tasks learnt so far, in order. */
    public List<LearntTask> tasks() {
        return List.copyOf(manifest.tasks);
    }

    /** Returns the names of the guards that kept something. */
    public Set<String> guards() {
        return Set.copyOf(manifest.guards.keySet());
    }

    /** Returns what is known of the state that a guard wrote. */
    public GuardState state(String guard) {
        return manifest.states.getOrDefault(guard, GuardState.FIRST);
    }

    Map<String, Manifest.ParameterShape> parameters() {
        return manifest.parameters;
    }

    /**
     * Returns what is known of the weights after each task, in order; where an Engram wrote it that
     * kept less, the checksums of the newest alone, or nothing.
     */
    public List<TaskWeights> weights() {
        if (!manifest.weights.isEmpty() || manifest.tasks.isEmpty()) {
            return List.copyOf(manifest.weights);
        }
        Map<String, TaskWeights.Print> newest = new LinkedHashMap<>();
        manifest.parameters.forEach(
                (name, kept) -> {
                    if (!kept.sha256.isEmpty()) {
                        newest.put(name, TaskWeights.Print.of(kept.sha256));
                    }
                });
        String task = manifest.tasks.get(manifest.tasks.size() - 1).name();
        return newest.isEmpty() ? List.of() : List.of(new TaskWeights(task, newest));
    }

    /**
     * Checks that a model is the one that the memory is about, be it with a new head.
     *
     * @throws EngramException naming every parameter that is missing or of another shape
     */
    public void requireFits(Block block) {
        Map<String, Parameter> present = new TreeMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            present.put(entry.getKey(), entry.getValue());
        }
        List<String> problems = new ArrayList<>();
        boolean hasNewHead = ModelShapes.differInHead(shapes(), ModelShapes.of(block));
        manifest.parameters.forEach(
                (name, kept) -> {
                    Parameter parameter = present.get(name);
                    Shape shape = new Shape(kept.shape);
                    boolean isSame =
                            parameter != null && parameter.getArray().getShape().equals(shape);
                    if (hasNewHead && !isSame) {
                        return;
                    }
                    if (parameter == null) {
                        problems.add(name + " of shape " + shape + " is not in the model");
                    } else if (!parameter.getArray().getShape().equals(shape)) {
                        problems.add(
                                "%s has shape %s in the model, but %s in the memory"
                                        .formatted(name, parameter.getArray().getShape(), shape));
                    } else if (!DataTypeName.of(parameter.getArray().getDataType())
                            .equals(kept.dtype)) {
                        problems.add(
                                "%s is %s in the model, but %s in the memory"
                                        .formatted(
                                                name,
                                                DataTypeName.of(parameter.getArray().getDataType()),
                                                kept.dtype));
                    }
                });
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The memory in %s is about another model; use the model that it was made with, or"
                                    .formatted(folder)
                            + " another directory.\n  - "
                            + String.join("\n  - ", problems));
        }
    }

    private Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        manifest.parameters.forEach((name, kept) -> shapes.put(name, new Shape(kept.shape)));
        return shapes;
    }

    /** Returns what a guard wrote. */
    public MemoryReader reader(String guard, NDManager manager) {
        return new Reader(guard, manager);
    }

    /**
     * Returns the running statistics with which a task was learnt, by path name; empty if there are
     * none.
     *
     * @param task its place among the tasks, from 0
     * @param owner of the arrays
     */
    public Map<String, NDArray> statistics(int task, NDManager owner) {
        return tensors(ManifestCheck.statisticsFile(task), owner);
    }

    private Map<String, NDArray> tensors(String name, NDManager owner) {
        if (!manifest.files.containsKey(name)) {
            return Map.of();
        }
        Path file = folder.resolve(name);
        try {
            return Safetensors.read(file, owner);
        } catch (NoSuchFileException e) {
            throw new DamagedMemoryException(
                    "%s is gone since this memory was opened: another process or listener may have written newer generations. Build the listener anew."
                            .formatted(file));
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read %s of the memory (%s): give this process the right to read it, or restore the directory from a backup"
                            .formatted(file, e),
                    e);
        }
    }

    private final class Reader implements MemoryReader {

        private final String guard;
        private final NDManager manager;

        Reader(String guard, NDManager manager) {
            this.guard = guard;
            this.manager = manager;
        }

        @Override
        public Optional<String> text(String key) {
            return Optional.ofNullable(manifest.guards.getOrDefault(guard, Map.of()).get(key));
        }

        @Override
        public Map<String, NDArray> tensors(String kind, NDManager owner) {
            return Generation.this.tensors(ManifestCheck.tensorFile(guard, kind), owner);
        }

        @Override
        public int stateVersion() {
            return state(guard).version();
        }

        @Override
        public NDManager manager() {
            return manager;
        }
    }
}
