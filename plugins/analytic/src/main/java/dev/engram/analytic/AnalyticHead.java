package dev.engram.analytic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.analytic.internal.closedform.CrossValidation;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.NcmMethod;
import dev.engram.analytic.internal.closedform.RidgeMethod;
import dev.engram.analytic.internal.closedform.RidgePenalty;
import dev.engram.analytic.internal.closedform.SldaMethod;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.analytic.internal.features.HeadInputs;
import dev.engram.analytic.internal.features.Layers;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.analytic.internal.sums.Precision;
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
    private final HeadInputs inputs;
    private final HeadStatistics sums;
    private final RowBuffer buffer;
    private @Nullable SolvedHead solved;

    private AnalyticHead(HeadMethod method, HeadInputs inputs, NDManager manager) {
        this.manager = manager;
        this.method = method;
        this.inputs = inputs;
        this.sums = HeadStatistics.none(inputs.width(), method.needsProducts(), manager);
        this.buffer = new RowBuffer(sums, MOST_CLASSES, manager);
    }

    /** Starts a ridge regression onto one output a class, which chooses its penalty itself. */
    public static Builder ridge() {
        return new Builder(Kind.RIDGE);
    }

    /**
     * Starts a streaming linear discriminant analysis, as accurate as {@link #ridge} in what was
     * measured.
     */
    public static Builder slda() {
        return new Builder(Kind.SLDA);
    }

    /** Starts a nearest class mean, which needs next to no memory. */
    public static Builder ncm() {
        return new Builder(Kind.NCM);
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
        try (NDManager scratch = features.getManager().newSubManager()) {
            into.add(inputs.seen(features, scratch), labels);
        }
    }

    /**
     * Adds what another head learnt, on another machine for example; that one stays as it is.
     *
     * @throws EngramException if it is of another kind, width or seed
     */
    public void merge(AnalyticHead other) {
        if (!description().equals(other.description())) {
            throw new EngramException(
                    "A %s cannot take in a %s: build both alike"
                            .formatted(description(), other.description()));
        }
        buffer.flush();
        other.buffer.flush();
        sums.addAll(other.sums);
        forget();
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
        try (NDManager scratch = features.getManager().newSubManager()) {
            NDArray wide = inputs.seen(features, scratch).toType(DataType.FLOAT64, false);
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
        Block layer = Linear.builder().setUnits(outputs).build();
        try (NDManager scratch = owner.newSubManager()) {
            Layers.set(layer, "weight", head.weightOf(outputs, scratch), owner);
            Layers.set(layer, "bias", head.biasOf(outputs, scratch), owner);
        }
        return inputs.asBlock(owner).add(layer);
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
        return method.name() + " " + inputs.describe();
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
        inputs.close();
    }

    /** Which closed form. */
    enum Kind {
        RIDGE,
        SLDA,
        NCM
    }

    /** Builds an {@link AnalyticHead}. */
    public static final class Builder {

        private final Kind kind;
        private @Nullable Double lambda;
        private double shrinkage = AnalyticSettings.SHRINKAGE.defaultValue();
        private int randomFeatures;
        private long seed;

        Builder(Kind kind) {
            this.kind = kind;
        }

        /**
         * Sets the ridge's strength as a share of the mean square of a feature, summed over all
         * samples; chosen by generalised cross-validation unless set.
         */
        public Builder optLambda(double share) {
            require(kind == Kind.RIDGE, "optLambda is for ridge()");
            require(share > 0 && share <= Double.MAX_VALUE, "optLambda: write a number above 0");
            this.lambda = share;
            return this;
        }

        /**
         * Sets how much of the identity is mixed into SLDA's covariance, 0 to 1; 1e-4 unless set.
         */
        public Builder optShrinkage(double share) {
            require(kind == Kind.SLDA, "optShrinkage is for slda()");
            require(share >= 0 && share <= 1, "optShrinkage: write a number from 0 to 1");
            this.shrinkage = share;
            return this;
        }

        /**
         * Puts random ReLU features before the head, see {@link RandomFeatures}; only the seed is
         * kept.
         *
         * @param features how many
         */
        public Builder optRandomFeatures(int features, long seed) {
            require(features > 0, "optRandomFeatures: write 1 or more features, such as 2000");
            this.randomFeatures = features;
            this.seed = seed;
            return this;
        }

        /**
         * Builds a head that has learnt nothing.
         *
         * @param inputs how many numbers a sample's features are
         * @param manager owns its sums, on the device where the features will be
         */
        public AnalyticHead build(int inputs, NDManager manager) {
            require(inputs > 0, "build: a sample has 1 or more features");
            HeadInputs given = new HeadInputs(inputs, randomFeatures, seed, manager);
            return new AnalyticHead(method(), given, manager);
        }

        /**
         * Builds a head that goes on where one was saved.
         *
         * @throws IOException if the file cannot be read
         * @throws EngramException if it was saved by a head that was built otherwise
         */
        public AnalyticHead load(Path file, int inputs, NDManager manager) throws IOException {
            AnalyticHead head = build(inputs, manager);
            try {
                HeadFile.read(file, head);
                return head;
            } catch (RuntimeException | IOException e) {
                head.close();
                throw e;
            }
        }

        /** Returns the method for a model's own layer, which has its own features before it. */
        HeadMethod methodOfModel() {
            require(
                    randomFeatures == 0,
                    "Random features before a model's last layer are part of the model, so that it"
                            + " needs no Engram: new SequentialBlock().add(...)"
                            + ".add(RandomFeatures.block(2000, 1)).add(Linear...)");
            return method();
        }

        HeadMethod method() {
            return switch (kind) {
                case RIDGE ->
                        new RidgeMethod(
                                lambda == null
                                        ? CrossValidation.of(Precision.DOUBLE)
                                        : RidgePenalty.share(lambda));
                case SLDA -> new SldaMethod(shrinkage);
                case NCM -> new NcmMethod();
            };
        }

        private static void require(boolean holds, String otherwise) {
            if (!holds) {
                throw new EngramException(otherwise);
            }
        }
    }
}
