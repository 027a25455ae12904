package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Safetensors;
import dev.engram.kit.shape.Growth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * By how much each element, or each row, of each parameter moves of what the optimizer would move
 * it: 1 all the way, 0 not at all.
 *
 * <p>Not safe for concurrent use.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class StepSizes implements AutoCloseable {

    private final NDManager owner;
    private final Granularity per;
    private final double initial;
    private final Map<String, NDArray> byName = new LinkedHashMap<>();

    /**
     * Creates step sizes that are all the same.
     *
     * @param parent of the manager that owns them
     */
    StepSizes(NDManager parent, Granularity per, double initial) {
        this.owner = parent.newSubManager();
        owner.setName("step sizes");
        this.per = per;
        this.initial = initial;
    }

    /** Returns copies of these. */
    StepSizes copy(NDManager parent) {
        StepSizes copy = new StepSizes(parent, per, initial);
        byName.forEach((name, size) -> copy.put(name, size));
        return copy;
    }

    /** Takes over step sizes of a parameter; copies them. */
    void put(String name, NDArray sizes) {
        NDArray before = byName.put(name, EngineMemory.copy(sizes, owner));
        if (before != null) {
            before.close();
        }
    }

    /** Returns those of a parameter, which multiply arrays of its shape; they stay these'. */
    NDArray of(String name, NDArray parameter) {
        NDArray known = byName.get(name);
        if (known != null && fits(known.getShape(), parameter.getShape())) {
            return known;
        }
        Shape shape = known == null ? per.of(parameter.getShape()) : grown(known, parameter);
        try (NDArray fresh = full(shape, parameter)) {
            if (known != null && Growth.of(known.getShape(), shape)) {
                try (NDArray among = Growth.among(known, fresh)) {
                    put(name, among);
                }
            } else {
                put(name, fresh);
            }
        }
        return of(name, parameter);
    }

    private NDArray full(Shape shape, NDArray parameter) {
        return parameter
                .getManager()
                .full(shape, (float) initial, parameter.getDataType(), parameter.getDevice());
    }

    /** A parameter that has become another has those that nothing is known of. */
    private Shape grown(NDArray known, NDArray parameter) {
        Shape shape = parameter.getShape();
        if (known.getShape().dimension() != shape.dimension()) {
            return per.of(shape);
        }
        return Growth.of(known.getShape(), shape) && per == Granularity.ELEMENT
                ? shape
                : per.of(shape);
    }

    private static boolean fits(Shape sizes, Shape parameter) {
        return sizes.equals(parameter) || sizes.equals(Granularity.ROW.of(parameter));
    }

    /** Returns whether step sizes multiply a parameter as they are. */
    static boolean fits(NDArray sizes, NDArray parameter) {
        return fits(sizes.getShape(), parameter.getShape());
    }

    /** Returns the step sizes by their parameters' path names; to be read, and of no other use. */
    public Map<String, NDArray> byName() {
        return new LinkedHashMap<>(byName);
    }

    /**
     * Writes them as a safetensors file, in one step as others see it.
     *
     * @throws EngramException if it cannot be written
     */
    public void save(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            AtomicReplacement.write(file, out -> Safetensors.write(byName, out));
        } catch (IOException e) {
            throw new EngramException(
                    "Step sizes cannot be written to %s: %s. Make room there, or name another file."
                            .formatted(file, e),
                    e);
        }
    }

    /**
     * Reads what {@link #save} wrote; to be closed.
     *
     * @throws EngramException if it cannot be read, or holds what is no step size
     */
    public static StepSizes load(Path file) {
        try (NDManager work = RequiredEngine.get().newBaseManager()) {
            Map<String, NDArray> read = Safetensors.read(file, work);
            StepSizes sizes =
                    new StepSizes(RequiredEngine.get().newBaseManager(), Granularity.ELEMENT, 1);
            read.forEach(
                    (name, array) -> {
                        requireSizes(file, name, array);
                        sizes.put(name, array);
                    });
            return sizes;
        } catch (IOException e) {
            throw new EngramException(
                    "Step sizes cannot be read from %s: %s. Write them with StepSizes.save, as MetaTrainer's outcome has them."
                            .formatted(file, e),
                    e);
        }
    }

    private static void requireSizes(Path file, String name, NDArray array) {
        boolean isFloat = array.getDataType() == DataType.FLOAT32;
        double least = isFloat && array.size() > 0 ? array.min().getFloat() : -1;
        double most = isFloat && array.size() > 0 ? array.max().getFloat() : -1;
        if (!(least >= 0 && Double.isFinite(most))) {
            throw new EngramException(
                    "%s holds no step sizes: \"%s\" is %s from %s to %s, and they are float32, finite, 0 or more"
                            .formatted(file, name, array.getDataType(), least, most));
        }
    }

    /** Frees them. */
    @Override
    public void close() {
        owner.close();
    }
}
