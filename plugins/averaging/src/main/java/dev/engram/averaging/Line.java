package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The line from old weights to new ones.
 *
 * @param from the old, by path name
 * @param to the new
 */
record Line(Map<String, NDArray> from, Map<String, NDArray> to) {

    /**
     * Returns {@code from + share (to − from)}; what has no old values of its shape, or no numbers
     * between which one could be, is as it is in the new.
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
                    NDArray begin = from.get(name);
                    NDArray end = to.get(name);
                    if (end != null && isBetween(begin, end)) {
                        NDArray way = end.sub(begin).muli(share);
                        way.addi(begin);
                        way.attach(owner);
                        mixed.put(name, way);
                    }
                });
        return mixed;
    }

    private static NDArray mixed(
            @Nullable NDArray begin, NDArray end, double share, NDManager owner) {
        if (share == 1 || begin == null || !isBetween(begin, end)) {
            return end;
        }
        NDArray way = end.sub(begin);
        way.attach(owner);
        way.muli(share);
        way.addi(begin);
        return way;
    }

    private static boolean isBetween(@Nullable NDArray begin, NDArray end) {
        return begin != null
                && end.getDataType().isFloating()
                && begin.getShape().equals(end.getShape());
    }
}
