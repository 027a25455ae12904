package dev.engram.djl.report;

import dev.engram.api.Experimental;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.internal.argument.Given;

/**
 * One run in a report.
 *
 * @param name how it is called, such as the strategy's id
 * @param matrix its accuracies
 * @param trainSeconds wall time of its training; 0 where it is not known
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record ReportedRun(String name, AccuracyMatrix matrix, double trainSeconds) {

    /** Checks that it has a name and a matrix. */
    public ReportedRun {
        Given.require(name, "new ReportedRun", "the name", "such as \"none\"");
        Given.require(matrix, "new ReportedRun", "the matrix", "an AccuracyMatrix");
    }
}
