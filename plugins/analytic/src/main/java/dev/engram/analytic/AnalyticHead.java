package dev.engram.analytic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.analytic.internal.features.Layers;
import dev.engram.analytic.internal.features.Projection;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.analytic.internal.sums.RowBuffer;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A classifier on features that the caller has at hand, such as the outputs of a frozen encoder: it
 * is solved from sums and not trained, so that tasks may come in any order and none is forgotten.
 *
 * <pre>{@code
 * try (AnalyticHead head = AnalyticHead.ridge().optRandomFeatures(2000, 1).build(384, manager)) {
 *     head.learn(features, labels); // once for each batch, task after task
 *     NDArray scores = head.predict(others);
 * }
 * }</pre>
 *
 * <p>New classes may come at any time. No sample is kept; but sums over very few samples tell much
 * about each of them. Not safe for concurrent use.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AnalyticHead implements AutoCloseable {

    /** So many numbers a row are the targets of a batch. */
    private static final int MOST_CLASSES = 100_000;

    private final NDManager manager;
    private final HeadMethod method;
    private final int inputs;
    private final @Nullable Projection projection;
    private final HeadStatistics sums;
    private final RowBuffer buffer;
    private @Nullable SolvedHead solved;

    AnalyticHead(
            HeadMethod method, int inputs, @Nullable Projection projection, NDManager manager) {
        this.manager = manager;
        this.method = method;
        this.inputs = inputs;
        this.projection = projection;
        int width = projection == null ? inputs : projection.features();
        this.sums = HeadStatistics.none(width, method.needsProducts(), manager);
        this.buffer = new RowBuffer(sums, MOST_CLASSES, manager);
    }

    /** Starts a ridge regression onto one output a class, which chooses its penalty itself. */
    public static AnalyticHeadBuilder ridge() {
        return new AnalyticHeadBuilder(Kind.RIDGE);
    }

    /**
     * Starts a streaming linear discriminant analysis, as accurate as {@link #ridge} in what was
     * measured.
     */
    public static AnalyticHeadBuilder slda() {
        return new AnalyticHeadBuilder(Kind.SLDA);
    }

    /** Starts a nearest class mean, which needs next to no memory. */
    public static AnalyticHeadBuilder ncm() {
        return new AnalyticHeadBuilder(Kind.NCM);
    }

    /**
     * Learns some samples.
     *
     * @param features a row a sample
     * @param labels the number of each sample's class, from 0
     * @throws EngramException if they do not fit, are not finite or are no classes, at this call or
     *     at one of the next: the host looks at them about every 1,000 samples
     */
    public void learn(NDArray features, NDArray labels) {
        forget();
        feed(features, labels, buffer);
    }

    /**
     * Takes samples out again, as if they had never been learnt.
     *
     * @param features those that were learnt, bit for bit
     * @param labels their classes
     * @throws EngramException if it shows that they were never learnt; nothing has changed then
     */
    public void unlearn(NDArray features, NDArray labels) {
        buffer.flush();
        try (HeadStatistics removed =
                        HeadStatistics.none(sums.width(), method.needsProducts(), manager);
                RowBuffer collected = new RowBuffer(removed, MOST_CLASSES, manager)) {
            feed(features, labels, collected);
            collected.flush();
            sums.subtract(removed);
        }
        forget();
    }

    private void feed(NDArray features, NDArray labels, RowBuffer into) {
        if (projection == null) {
            into.add(features, labels);
            return;
        }
        requireWidth(features);
        try (NDArray projected = projection.of(features)) {
            into.add(projected, labels);
        }
    }

    private void requireWidth(NDArray features) {
        long dimensions = features.getShape().dimension();
        if (dimensions < 2 || features.getShape().get((int) dimensions - 1) != inputs) {
            throw new EngramException(
                    "The features have shape %s; this head was built for rows of %d numbers"
                            .formatted(features.getShape(), inputs));
        }
    }

    /**
     * Adds what another head learnt, on another machine for example; that one stays as it is.
     *
     * @throws EngramException if it is of another kind, width or seed
     */
    public void merge(AnalyticHead other) {
        if (!method.name().equals(other.method.name())
                || inputs != other.inputs
                || !describe(projection).equals(describe(other.projection))) {
            throw new EngramException(
                    "A %s over %d inputs%s cannot take in a %s over %d inputs%s: build both alike"
                            .formatted(
                                    method.name(),
                                    inputs,
                                    describe(projection),
                                    other.method.name(),
                                    other.inputs,
                                    describe(other.projection)));
        }
        buffer.flush();
        other.buffer.flush();
        sums.addAll(other.sums);
        forget();
    }

    private static String describe(@Nullable Projection projection) {
        return projection == null ? "" : projection.describe();
    }

    /** Returns how many samples of a class were learnt. */
    public long count(int label) {
        buffer.flush();
        return sums.count(label);
    }

    /** Returns one more than the largest class that was learnt. */
    public int classes() {
        buffer.flush();
        return sums.classes();
    }

    /**
     * Solves the head, unless nothing was learnt since it was solved last; {@link #predict} does it
     * by itself.
     *
     * @return what was added to the diagonal, where the method has such a thing, or 0
     * @throws EngramException if nothing was learnt, or no solution exists
     */
    public double solve() {
        return solved().lambda();
    }

    private SolvedHead solved() {
        buffer.flush();
        if (solved == null) {
            if (sums.samples() == 0) {
                throw new EngramException("Nothing was learnt yet: call learn(features, labels)");
            }
            solved = method.solve(sums, true, manager);
        }
        return solved;
    }

    /**
     * Returns one score a class, a row a sample; the largest is the answer.
     *
     * @return float64, in the manager of the features
     */
    public NDArray predict(NDArray features) {
        SolvedHead head = solved();
        if (projection == null) {
            return scores(features, head);
        }
        requireWidth(features);
        try (NDArray projected = projection.of(features)) {
            NDArray scores = scores(projected, head);
            scores.attach(features.getManager());
            return scores;
        }
    }

    private static NDArray scores(NDArray features, SolvedHead head) {
        try (NDManager scratch = features.getManager().newSubManager()) {
            NDArray wide = features.toType(DataType.FLOAT64, false);
            NDArray cut = wide.stopGradient();
            cut.attach(scratch);
            NDArray scores = cut.matMul(head.weight()).addi(head.bias());
            scores.attach(features.getManager());
            return scores;
        }
    }

    /**
     * Returns the head as ordinary blocks of DJL, to be added to a model: a linear layer, and
     * before it the random features, if there are any. What it learns later is not in them.
     *
     * @param outputs at least as many as there are classes
     * @param owner of their values, such as the model's manager
     */
    public SequentialBlock asBlock(int outputs, NDManager owner) {
        SolvedHead head = solved();
        SequentialBlock block = new SequentialBlock();
        if (projection != null) {
            block.add(projection.asLayer(owner)).add(Activation.reluBlock());
        }
        Block layer = Linear.builder().setUnits(outputs).build();
        try (NDManager scratch = owner.newSubManager()) {
            Layers.set(layer, "weight", head.weightOf(outputs, scratch), owner);
            Layers.set(layer, "bias", head.biasOf(outputs, scratch), owner);
        }
        return block.add(layer);
    }

    /**
     * Writes everything that another process needs to go on, into one file: sums, no samples. A
     * file that is there stays whole until it is replaced.
     *
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
        buffer.flush();
        HeadFile.write(file, this);
    }

    HeadStatistics sums() {
        buffer.flush();
        return sums;
    }

    String description() {
        return "%s over %s inputs%s".formatted(method.name(), inputs, describe(projection));
    }

    private void forget() {
        if (solved != null) {
            solved.close();
            solved = null;
        }
    }

    @Override
    public void close() {
        forget();
        buffer.close();
        sums.close();
        if (projection != null) {
            projection.close();
        }
    }

    /** Which closed form. */
    enum Kind {
        RIDGE,
        SLDA,
        NCM
    }
}
