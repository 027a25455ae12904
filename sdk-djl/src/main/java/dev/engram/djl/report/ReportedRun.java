package dev.engram.djl.report;

import dev.engram.api.Experimental;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.internal.argument.Given;

/** One run in a report. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ReportedRun {

    private final String name;
    private final AccuracyMatrix matrix;
    private final double trainSeconds;

    private ReportedRun(String name, AccuracyMatrix matrix, double trainSeconds) {
        Given.require(name, "ReportedRun.of", "the name", "such as \"none\"");
        Given.require(matrix, "ReportedRun.of", "the matrix", "an AccuracyMatrix");
        this.name = name;
        this.matrix = matrix;
        this.trainSeconds = trainSeconds;
    }

    /**
     * Returns the reported run with these values.
     *
     * @param name how it is called, such as the strategy's id
     * @param matrix its accuracies
     * @param trainSeconds wall time of its training; 0 where it is not known
     */
    public static ReportedRun of(String name, AccuracyMatrix matrix, double trainSeconds) {
        return new ReportedRun(name, matrix, trainSeconds);
    }

    /** Returns how it is called, such as the strategy's id. */
    public String name() {
        return name;
    }

    /** Returns its accuracies. */
    public AccuracyMatrix matrix() {
        return matrix;
    }

    /** Returns wall time of its training; 0 where it is not known. */
    public double trainSeconds() {
        return trainSeconds;
    }
}
