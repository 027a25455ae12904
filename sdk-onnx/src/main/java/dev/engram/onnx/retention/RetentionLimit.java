package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much a task may fall. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RetentionLimit {

    private final double allowedPoints;
    private final double confidence;
    private final boolean proofRequired;

    private RetentionLimit(double allowedPoints, double confidence, boolean proofRequired) {
        if (!(allowedPoints >= 0 && allowedPoints <= 100)) {
            throw new EngramException(
                    "Allowed are 0 to 100 points; seen: %s".formatted(allowedPoints));
        }
        if (!(confidence > 0.5 && confidence < 1)) {
            throw new EngramException(
                    "The confidence is above 0.5 and below 1, such as 0.95; seen: %s"
                            .formatted(confidence));
        }
        this.allowedPoints = allowedPoints;
        this.confidence = confidence;
        this.proofRequired = proofRequired;
    }

    /**
     * Returns the retention limit with these values.
     *
     * @param allowedPoints points of accuracy that a task may lose, 0 to 100
     * @param confidence how sure a verdict must be, above 0.5 and below 1
     * @param proofRequired whether a task must be shown to hold; otherwise it must be shown to have
     *     fallen
     */
    public static RetentionLimit of(
            double allowedPoints, double confidence, boolean proofRequired) {
        return new RetentionLimit(allowedPoints, confidence, proofRequired);
    }

    /** Returns points of accuracy that a task may lose, 0 to 100. */
    public double allowedPoints() {
        return allowedPoints;
    }

    /** Returns how sure a verdict must be, above 0.5 and below 1. */
    public double confidence() {
        return confidence;
    }

    /** Returns whether a task must be shown to hold; otherwise it must be shown to have fallen. */
    public boolean proofRequired() {
        return proofRequired;
    }

    /** Returns a limit that a task breaks when it surely fell by more. */
    public static RetentionLimit points(double allowedPoints, double confidence) {
        return new RetentionLimit(allowedPoints, confidence, false);
    }

    /** Returns this limit, broken by a task, too, that cannot be shown to hold. */
    public RetentionLimit withProof() {
        return new RetentionLimit(allowedPoints, confidence, true);
    }

    double allowedFall() {
        return allowedPoints / 100;
    }

    /** Returns whether a comparison breaks the limit. */
    public boolean isBrokenBy(PairedComparison seen) {
        Verdict verdict = seen.verdict(this);
        return verdict == Verdict.FELL || (proofRequired && verdict == Verdict.UNDECIDED);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RetentionLimit that
                && Double.compare(allowedPoints, that.allowedPoints) == 0
                && Double.compare(confidence, that.confidence) == 0
                && proofRequired == that.proofRequired;
    }

    @Override
    public int hashCode() {
        return Objects.hash(allowedPoints, confidence, proofRequired);
    }
}
