package dev.engram.generativereplay.internal.mixture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.Rows;
import dev.engram.generativereplay.internal.statistics.Clusters;
import dev.engram.generativereplay.internal.statistics.PrincipalAxes;
import dev.engram.generativereplay.internal.statistics.Range;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Fits a mixture to a class: groups by k-means, and of each group its mean and its principal axes.
 *
 * @param components how many groups a class has at most
 * @param rank how many axes a group has at most
 * @param least how many samples a group has at least, if there are so many
 */
public record MixtureFit(int components, int rank, int least) {

    /** No axes span all samples of a group, so that none can be put together of them. */
    private static final int SAMPLES_AN_AXIS = 2;

    /**
     * Fits a class; waits for the device.
     *
     * @param rows its samples, one a row
     * @param shared axes of classes of few samples, of which it is one; nothing for its own
     * @param owner of what is returned
     */
    public Catalog of(
            ClassOfTask learnt,
            Form form,
            NDArray rows,
            @Nullable NDArray shared,
            NDManager owner,
            SplittableRandom random) {
        NDManager manager = Catalog.named(owner);
        try (NDManager call = rows.getManager().newSubManager()) {
            NDArray own = rows.duplicate();
            own.attach(call);
            NDArray range = range(learnt, own);
            NDArray centre = own.mean(new int[] {0}, true);
            NDArray units = own.sub(centre).div(range.get("0,0"));
            NDArray scaled = shared == null ? null : shared.div(range.get("0,0"));
            List<int[]> groups = Clusters.of(units, components, least, random);
            NDList means = new NDList();
            NDList axes = new NDList();
            for (int[] group : groups) {
                add(units, group, scaled, means, axes, random);
            }
            return new Catalog(
                    form,
                    List.of(learnt),
                    Collections.nCopies(groups.size(), 0),
                    groups.stream().map(group -> (long) group.length).toList(),
                    attached(centre, manager),
                    attached(range, manager),
                    attached(NDArrays.stack(means).toType(DataType.FLOAT16, true), manager),
                    attached(NDArrays.stack(axes).toType(DataType.FLOAT16, true), manager),
                    manager);
        }
    }

    private void add(
            NDArray units,
            int[] group,
            @Nullable NDArray shared,
            NDList means,
            NDList axes,
            SplittableRandom random) {
        try (NDManager call = units.getManager().newSubManager()) {
            NDArray rows = Rows.of(units, group, call);
            NDArray mean = rows.mean(new int[] {0});
            NDArray found = shared == null ? own(rows.sub(mean), random) : shared;
            means.add(attached(mean, units.getManager()));
            axes.add(attached(padded(found), units.getManager()));
        }
    }

    private NDArray own(NDArray centred, SplittableRandom random) {
        long samples = centred.getShape().get(0);
        int directions = (int) Math.min(rank, (samples - 1) / SAMPLES_AN_AXIS);
        return directions == 0
                ? centred.getManager().zeros(new Shape(rank, centred.getShape().get(1)))
                : PrincipalAxes.of(centred, directions, random);
    }

    private NDArray padded(NDArray axes) {
        Shape shape = axes.getShape();
        return shape.get(0) == rank
                ? axes
                : axes.concat(
                        axes.getManager().zeros(new Shape(rank - shape.get(0), shape.get(1))));
    }

    /** Returns scale, least and greatest of all numbers of a class. */
    private static NDArray range(ClassOfTask learnt, NDArray rows) {
        Range range =
                Range.of("class %s of task \"%s\"".formatted(learnt.label(), learnt.task()), rows);
        float[] numbers = {range.width(), range.least(), range.greatest()};
        return rows.getManager().create(numbers, new Shape(1, numbers.length));
    }

    private static NDArray attached(NDArray array, NDManager owner) {
        array.attach(owner);
        return array;
    }
}
