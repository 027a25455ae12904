package dev.engram.gradientprojection.internal.patches;

import java.util.List;

/**
 * A box of places that a convolution's kernels are laid on: its first axis is that of the samples,
 * the others are those of the outputs.
 */
final class PatchPlaces {

    private final long[] begins;
    private final long[] ends;

    PatchPlaces(long[] begins, long[] ends) {
        this.begins = begins;
        this.ends = ends;
    }

    long from(int axis) {
        return begins[axis];
    }

    long to(int axis) {
        return ends[axis];
    }

    long length(int axis) {
        return ends[axis] - begins[axis];
    }

    long count() {
        long count = 1;
        for (int axis = 0; axis < begins.length; axis++) {
            count *= length(axis);
        }
        return count;
    }

    /** Returns both halves: of several samples, or of one along its longest axis. */
    List<PatchPlaces> halves() {
        int axis = 0;
        if (length(0) == 1) {
            for (int other = 1; other < begins.length; other++) {
                axis = length(other) > length(axis) ? other : axis;
            }
        }
        long middle = begins[axis] + length(axis) / 2;
        return List.of(
                new PatchPlaces(begins, with(ends, axis, middle)),
                new PatchPlaces(with(begins, axis, middle), ends));
    }

    private static long[] with(long[] bounds, int axis, long bound) {
        long[] changed = bounds.clone();
        changed[axis] = bound;
        return changed;
    }
}
