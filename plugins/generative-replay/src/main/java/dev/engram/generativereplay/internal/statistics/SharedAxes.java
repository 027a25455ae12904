package dev.engram.generativereplay.internal.statistics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The directions in which samples differ from the means of their classes, of many classes together:
 * each alone has too few samples to tell its own.
 */
public final class SharedAxes {

    /** As of one class: no axes span all deviations that there are. */
    private static final int SAMPLES_AN_AXIS = 2;

    private SharedAxes() {}

    /**
     * Returns the axes, one a row, each as long as the deviation along it; nothing if there are too
     * few samples for any.
     *
     * @param classes the samples of each class, one a row
     * @param owner of what is returned
     */
    public static @Nullable NDArray of(
            List<NDArray> classes, int rank, NDManager owner, SplittableRandom random) {
        long samples = classes.stream().mapToLong(rows -> rows.getShape().get(0)).sum();
        long freedoms = samples - classes.size();
        int directions = (int) Math.min(rank, freedoms / SAMPLES_AN_AXIS);
        if (directions == 0) {
            return null;
        }
        try (NDManager call = owner.newSubManager()) {
            NDList centred = new NDList();
            for (NDArray rows : classes) {
                NDArray mean = rows.mean(new int[] {0});
                mean.attach(call);
                NDArray deviations = rows.sub(mean);
                deviations.attach(call);
                centred.add(deviations);
            }
            NDArray all = NDArrays.concat(centred);
            all.attach(call);
            // Of the means, too, a degree of freedom each.
            NDArray axes =
                    PrincipalAxes.of(all, directions, random)
                            .mul(Math.sqrt((samples - 1.0) / freedoms));
            axes.attach(owner);
            return axes;
        }
    }
}
