package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;

/** The straight line from one set of weights to another. */
public final class Line {

    private Line() {}

    /**
     * Returns the weights on the way.
     *
     * @param share of the way, 0 to 1
     * @param owner owns them
     */
    public static Map<String, NDArray> at(
            double share, Map<String, NDArray> from, Map<String, NDArray> to, NDManager owner) {
        Map<String, NDArray> between = new LinkedHashMap<>();
        from.forEach(
                (name, begin) -> {
                    NDArray end = to.get(name);
                    NDArray point = EngineMemory.copy(begin, owner);
                    if (end != null) {
                        try (NDArray there = end.stopGradient();
                                NDArray way = there.sub(begin)) {
                            way.muli(share);
                            point.addi(way);
                        }
                    }
                    between.put(name, point);
                });
        return between;
    }
}
