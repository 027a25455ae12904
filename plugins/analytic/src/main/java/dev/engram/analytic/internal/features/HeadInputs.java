package dev.engram.analytic.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import dev.engram.api.EngramException;
import org.jspecify.annotations.Nullable;

/** What a head is given: rows of numbers, with random features between, where there are any. */
public final class HeadInputs implements AutoCloseable {

    private final int inputs;
    private final @Nullable Projection projection;

    /**
     * Creates them.
     *
     * @param randomFeatures 0 for none
     * @param manager owns their weights
     */
    public HeadInputs(int inputs, int randomFeatures, long seed, NDManager manager) {
        this.inputs = inputs;
        this.projection =
                randomFeatures == 0 ? null : new Projection(randomFeatures, inputs, seed, manager);
    }

    /** Returns how many numbers of a sample the head sees. */
    public int width() {
        return projection == null ? inputs : projection.features();
    }

    /**
     * Returns what the head sees of some rows: those themselves, or random features of them.
     *
     * @param scratch owns what is new
     */
    public NDArray seen(NDArray rows, NDManager scratch) {
        if (projection == null) {
            return rows;
        }
        requireWidth(rows);
        NDArray projected = projection.of(rows);
        projected.attach(scratch);
        return projected;
    }

    private void requireWidth(NDArray rows) {
        long dimensions = rows.getShape().dimension();
        if (dimensions < 2 || rows.getShape().get((int) dimensions - 1) != inputs) {
            throw new EngramException(
                    "The features have shape %s; this head was built for rows of %d numbers"
                            .formatted(rows.getShape(), inputs));
        }
    }

    /** Returns the blocks of DJL that stand before the head: none, or random features. */
    public SequentialBlock asBlock(NDManager owner) {
        SequentialBlock block = new SequentialBlock();
        return projection == null
                ? block
                : block.add(projection.asLayer(owner)).add(Activation.reluBlock());
    }

    /** Returns words that two heads have in common where they are alike. */
    public String describe() {
        return "over %s inputs%s"
                .formatted(inputs, projection == null ? "" : projection.describe());
    }

    @Override
    public void close() {
        if (projection != null) {
            projection.close();
        }
    }
}
