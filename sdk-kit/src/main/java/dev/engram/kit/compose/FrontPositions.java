package dev.engram.kit.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import org.jspecify.annotations.Nullable;

/**
 * Positions put in front of sequences and of the masks that travel with them, and cut off again.
 *
 * <p>A list holds features of shape (batch, sequence, width), then masks, in which the new
 * positions are visible: of shape (batch, sequence) or (batch, queries, keys) with ones for what is
 * seen, or (batch, heads or 1, queries, keys) with what is added to the scores. As queries the new
 * positions see what the first position sees, so that a causal mask leaks nothing. Other arrays
 * pass as they are.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class FrontPositions {

    /** Far above what masks add to hide a key, and far below what they add to show one. */
    private static final double HIDDEN = -1;

    private FrontPositions() {}

    /**
     * Puts vectors in front.
     *
     * @param vectors (batch, positions, width)
     * @param sequence features, then masks
     */
    public static NDList put(NDArray vectors, NDList sequence) {
        long length = sequence.head().getShape().get(1);
        long positions = vectors.getShape().get(1);
        NDList longer = new NDList(vectors.concat(sequence.head(), 1));
        for (NDArray mask : sequence.subNDList(1)) {
            longer.add(isMask(mask, length) ? widened(mask, positions, length) : mask);
        }
        return longer;
    }

    /**
     * Cuts off what {@link #put} put there.
     *
     * @param sequence features, then masks
     */
    public static NDList cut(long positions, NDList sequence) {
        long length = sequence.head().getShape().get(1);
        NDList original = new NDList(from(sequence.head(), 1, positions));
        for (NDArray mask : sequence.subNDList(1)) {
            original.add(isMask(mask, length) ? narrowed(mask, positions, length) : mask);
        }
        return original;
    }

    /**
     * Returns which positions the masks of a sequence let see, (batch, sequence), or null if there
     * is no mask.
     */
    public static @Nullable NDArray visible(NDList sequence) {
        long length = sequence.head().getShape().get(1);
        for (NDArray mask : sequence.subNDList(1)) {
            if (isMask(mask, length) && mask.getShape().get(keys(mask)) == length) {
                return visible(mask);
            }
        }
        return null;
    }

    private static NDArray visible(NDArray mask) {
        return switch (mask.getShape().dimension()) {
            case 2 -> mask;
            case 3 -> mask.max(new int[] {1});
            default ->
                    mask.max(new int[] {1})
                            .max(new int[] {1})
                            .gt(HIDDEN)
                            .toType(DataType.FLOAT32, false);
        };
    }

    private static boolean isMask(NDArray array, long length) {
        Shape shape = array.getShape();
        if (shape.dimension() < 2 || shape.dimension() > 4) {
            return false;
        }
        long keys = shape.get(keys(array));
        return keys == length || (shape.dimension() == 4 && keys == 1);
    }

    private static int keys(NDArray mask) {
        return mask.getShape().dimension() - 1;
    }

    private static NDArray widened(NDArray mask, long positions, long length) {
        int keys = keys(mask);
        NDArray wider = mask;
        if (keys > 1 && mask.getShape().get(keys - 1) == length) {
            wider = first(mask, keys - 1).repeat(keys - 1, positions).concat(mask, keys - 1);
        }
        if (wider.getShape().get(keys) != length) {
            return wider;
        }
        NDArray like = first(wider, keys).repeat(keys, positions);
        return (keys == 3 ? like.zerosLike() : like.onesLike()).concat(wider, keys);
    }

    private static NDArray first(NDArray array, int axis) {
        return array.get(new NDIndex().addAllDim(axis).addSliceDim(0, 1));
    }

    private static NDArray narrowed(NDArray mask, long positions, long length) {
        int keys = keys(mask);
        NDArray narrower = mask;
        for (int axis = Math.max(1, keys - 1); axis <= keys; axis++) {
            if (mask.getShape().get(axis) == length) {
                narrower = from(narrower, axis, positions);
            }
        }
        return narrower;
    }

    private static NDArray from(NDArray array, int axis, long first) {
        long end = array.getShape().get(axis);
        return array.get(new NDIndex().addAllDim(axis).addSliceDim(first, end));
    }
}
