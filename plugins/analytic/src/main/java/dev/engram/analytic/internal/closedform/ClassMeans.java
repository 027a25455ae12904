package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;
import java.util.Arrays;

/** The mean of each class's features. */
public final class ClassMeans {

    private ClassMeans() {}

    /** Returns a column a class; zeros where a class has no samples. */
    public static NDArray of(HeadStatistics sums, NDManager owner) {
        double[] counts =
                Arrays.stream(sums.counts()).mapToDouble(count -> Math.max(1, count)).toArray();
        try (NDArray made = owner.create(counts);
                NDArray row = made.reshape(1, counts.length)) {
            NDArray means = sums.sums().div(row);
            means.attach(owner);
            return means;
        }
    }
}
