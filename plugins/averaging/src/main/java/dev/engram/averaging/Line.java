package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.shape.Growth;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The line from old weights to new ones.
 *
 * @param from the old, by path name
 * @param to the new
 */
record Line(Map<String, NDArray> from, Map<String, NDArray> to) {

    /**
     * Returns {@code from + share (to − from)}; of what has grown the old begin moves, and the rest
     * is as it is in the new. So is what has no old values, old ones of another shape, or no
     * numbers between which one could be.
     */
    Map<String, NDArray> at(double share, NDManager owner) {
        Map<String, NDArray> mixed = new LinkedHashMap<>();
        to.forEach((name, end) -> mixed.put(name, mixed(from.get(name), end, share, owner)));
        return mixed;
    }

    /**
     * Returns {@code from + s (to − from)} with a share of each element's own.
     *
     * @param shares by path name; where there is none, the share is {@code other}
     */
    Map<String, NDArray> at(Map<String, NDArray> shares, double other, NDManager owner) {
        Map<String, NDArray> mixed = new LinkedHashMap<>(at(other, owner));
        shares.forEach(
                (name, share) -> {
                    NDArray end = to.get(name);
                    NDArray begin = end == null ? null : begin(from.get(name), end, owner);
                    if (end != null && begin != null && hasShape(share, end)) {
                        mixed.put(name, between(begin, end, way -> way.muli(share), owner));
                    }
                });
        return mixed;
    }

    /**
     * Returns which share of the whole way lies behind mixed weights, as the crow flies; 1 where
     * there is no way. Waits for the device.
     */
    double way(Map<String, NDArray> mixed, NDManager scratch) {
        Map<String, NDArray> begin = at(0, scratch);
        double whole = distance(begin, to, scratch);
        return whole > 0 ? 1 - distance(mixed, to, scratch) / whole : 1;
    }

    private static double distance(
            Map<String, NDArray> some, Map<String, NDArray> others, NDManager scratch) {
        double sum = 0;
        for (Map.Entry<String, NDArray> one : some.entrySet()) {
            NDArray other = others.get(one.getKey());
            if (other != null && other != one.getValue()) {
                try (NDManager scope = scratch.newSubManager()) {
                    NDArray apart = one.getValue().sub(other);
                    apart.attach(scope);
                    sum += SearchedLoss.value(apart.square(), scope) * apart.size();
                }
            }
        }
        return Math.sqrt(sum);
    }

    private static NDArray mixed(
            @Nullable NDArray begin, NDArray end, double share, NDManager owner) {
        NDArray from = share == 1 ? null : begin(begin, end, owner);
        return from == null ? end : between(from, end, way -> way.muli(share), owner);
    }

    private static NDArray between(
            NDArray begin, NDArray end, Consumer<NDArray> scaling, NDManager owner) {
        NDArray way = end.sub(begin);
        way.attach(owner);
        scaling.accept(way);
        way.addi(begin);
        return way;
    }

    /** Returns where the way begins, in the shape of its end; null if there is no such place. */
    private static @Nullable NDArray begin(@Nullable NDArray old, NDArray end, NDManager owner) {
        if (old == null || !end.getDataType().isFloating()) {
            return null;
        }
        if (hasShape(old, end)) {
            return old;
        }
        if (!Growth.of(old.getShape(), end.getShape())) {
            return null;
        }
        NDArray grown = Growth.among(old, end);
        grown.attach(owner);
        return grown;
    }

    private static boolean hasShape(NDArray one, NDArray other) {
        return one.getShape().equals(other.getShape());
    }
}
