package dev.engram.onnx.retention;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** Newcombe's bounds of a difference of two paired proportions, each one-sided. */
final class PairedBound {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private final double n;
    private final double z;
    private final double before;
    private final double after;
    private final double correlation;

    PairedBound(PairedComparison seen, double confidence) {
        this.n = seen.size();
        this.z = NORMAL.inverseCumulativeProbability(confidence);
        this.before = seen.before();
        this.after = seen.after();
        this.correlation = correlation(seen);
    }

    double lower() {
        return before - after - joined(before - wilson(before, -z), wilson(after, z) - after);
    }

    double upper() {
        return before - after + joined(after - wilson(after, -z), wilson(before, z) - before);
    }

    private double joined(double one, double other) {
        return Math.sqrt(one * one - 2 * correlation * one * other + other * other);
    }

    private double wilson(double share, double sides) {
        double square = sides * sides;
        double middle = share + square / (2 * n);
        double half = Math.sqrt(share * (1 - share) / n + square / (4 * n * n));
        return (middle + sides * half) / (1 + square / n);
    }

    /** With the correction for continuity that Newcombe gives where it is positive. */
    private static double correlation(PairedComparison seen) {
        double neither = seen.size() - seen.both() - seen.lost() - seen.gained();
        double margins =
                (double) (seen.both() + seen.lost())
                        * (seen.gained() + neither)
                        * (seen.both() + seen.gained())
                        * (seen.lost() + neither);
        if (margins == 0) {
            return 0;
        }
        double product = seen.both() * neither - (double) seen.lost() * seen.gained();
        double corrected = product > 0 ? Math.max(0, product - seen.size() / 2.0) : product;
        return corrected / Math.sqrt(margins);
    }
}
