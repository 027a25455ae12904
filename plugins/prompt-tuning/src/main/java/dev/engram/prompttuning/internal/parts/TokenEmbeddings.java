package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.Targets;
import java.util.List;
import java.util.Optional;

/**
 * The table of a base's token embeddings.
 *
 * @param path its path name
 * @param rows a handle in the manager of those who look at it
 */
public record TokenEmbeddings(String path, NDArray rows) {

    /** Finds the first table of a width, if there is one. */
    public static Optional<TokenEmbeddings> find(BaseModel base, long width, NDManager manager) {
        Targets blocks = new Targets(base);
        for (Pair<String, Parameter> entry : base.parameters()) {
            Shape shape = entry.getValue().getArray().getShape();
            boolean fits = shape.dimension() == 2 && shape.get(1) == width;
            if (fits && isTable(entry.getKey(), blocks)) {
                NDArray rows = Detached.in(manager, entry.getValue());
                return Optional.of(new TokenEmbeddings(entry.getKey(), rows));
            }
        }
        return Optional.empty();
    }

    private static boolean isTable(String path, Targets blocks) {
        return blocks.type(path).contains("Embedding")
                || blocks.tokenEmbeddings().filter(path::equals).isPresent();
    }

    /** Returns the standard deviation of all values; waits for the device. */
    public double deviation() {
        NDArray apart = rows.sub(rows.mean());
        return Math.sqrt(apart.square().mean().toType(DataType.FLOAT32, false).getFloat());
    }

    /** Returns as many rows as wanted: those named, over and over, or some at random. */
    public NDArray rows(List<Integer> named, int wanted) {
        NDManager manager = rows.getManager();
        long size = rows.getShape().get(0);
        require(named, size);
        long[] ids = new long[wanted];
        for (int i = 0; i < wanted && !named.isEmpty(); i++) {
            ids[i] = named.get(i % named.size());
        }
        NDArray chosen =
                named.isEmpty()
                        ? manager.randomInteger(0, size, new Shape(wanted), DataType.INT64)
                        : manager.create(ids);
        return Embedding.embedding(chosen, rows, SparseFormat.DENSE).singletonOrThrow();
    }

    /** Returns the mean of the rows that are named, or of all. */
    public NDArray mean(List<Integer> named) {
        NDArray all = named.isEmpty() ? rows : rows(named, named.size());
        return all.mean(new int[] {0}, true);
    }

    private void require(List<Integer> named, long size) {
        List<Integer> unknown = named.stream().filter(id -> id >= size).toList();
        if (!unknown.isEmpty()) {
            throw new EngramException(
                    "tokens names %s, but \"%s\" has %d rows: write ids below that"
                            .formatted(unknown, path, size));
        }
    }
}
