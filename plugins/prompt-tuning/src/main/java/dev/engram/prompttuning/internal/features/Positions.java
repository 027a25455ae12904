package dev.engram.prompttuning.internal.features;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** The positions of sequences. */
public final class Positions {

    private Positions() {}

    /** Returns the mean over those that are seen, (batch, width). */
    public static NDArray mean(NDArray features, @Nullable NDArray visible) {
        if (visible == null) {
            return features.mean(new int[] {1});
        }
        NDArray seen = visible.toType(features.getDataType(), false).expandDims(2);
        NDArray count = seen.sum(new int[] {1}).maximum(1);
        return features.mul(seen).sum(new int[] {1}).div(count);
    }
}
