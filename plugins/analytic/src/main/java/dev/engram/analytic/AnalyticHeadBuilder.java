package dev.engram.analytic;

import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.closedform.CrossValidation;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.NcmMethod;
import dev.engram.analytic.internal.closedform.RidgeMethod;
import dev.engram.analytic.internal.closedform.RidgePenalty;
import dev.engram.analytic.internal.closedform.SldaMethod;
import dev.engram.analytic.internal.features.Projection;
import dev.engram.analytic.internal.sums.Precision;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Builds an {@link AnalyticHead}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AnalyticHeadBuilder {

    private final AnalyticHead.Kind kind;
    private @Nullable Double lambda;
    private double shrinkage = AnalyticSettings.SHRINKAGE.defaultValue();
    private int randomFeatures;
    private long seed;

    AnalyticHeadBuilder(AnalyticHead.Kind kind) {
        this.kind = kind;
    }

    /**
     * Sets the ridge's strength as a share of the mean square of a feature, summed over all
     * samples; chosen by generalised cross-validation unless set.
     */
    public AnalyticHeadBuilder optLambda(double share) {
        require(kind == AnalyticHead.Kind.RIDGE, "optLambda is for ridge()");
        require(share > 0 && share <= Double.MAX_VALUE, "optLambda: write a number above 0");
        this.lambda = share;
        return this;
    }

    /** Sets how much of the identity is mixed into SLDA's covariance, 0 to 1; 1e-4 unless set. */
    public AnalyticHeadBuilder optShrinkage(double share) {
        require(kind == AnalyticHead.Kind.SLDA, "optShrinkage is for slda()");
        require(share >= 0 && share <= 1, "optShrinkage: write a number from 0 to 1");
        this.shrinkage = share;
        return this;
    }

    /**
     * Puts random ReLU features before the head, see {@link RandomFeatures}; only the seed is kept.
     *
     * @param features how many
     */
    public AnalyticHeadBuilder optRandomFeatures(int features, long seed) {
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
        return new AnalyticHead(method(), inputs, projection(inputs, manager), manager);
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

    private @Nullable Projection projection(int inputs, NDManager manager) {
        return randomFeatures == 0 ? null : new Projection(randomFeatures, inputs, seed, manager);
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
