package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.SharedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * What an adapter has for layers that share a weight: PEFT changes each module alone, and a base
 * that ties them can change them together only.
 */
final class SharedLayers {

    private final SharedWeights shared;
    private final Consumer<String> problems;

    SharedLayers(SharedWeights shared, Consumer<String> problems) {
        this.shared = shared;
        this.problems = problems;
    }

    /**
     * Leaves one layer of those that share a weight, if all have the same, or says what differs.
     */
    void check(Map<String, ParameterOverlay> overlays, Map<String, NDArray> owned) {
        reduce(overlays, SharedLayers::isSame);
        reduce(owned, NDArray::contentEquals);
        List<String> all = new ArrayList<>(overlays.keySet());
        all.addAll(owned.keySet());
        all.stream().filter(shared::isInMemoryOfOthers).forEach(this::refuse);
    }

    private <T> void reduce(Map<String, T> parts, BiPredicate<T, T> isSame) {
        for (String path : List.copyOf(parts.keySet())) {
            T own = parts.get(path);
            List<String> all = shared.paths(path);
            if (own != null && all.size() > 1) {
                boolean same =
                        all.stream()
                                .map(parts::get)
                                .allMatch(other -> other != null && isSame.test(own, other));
                if (!same) {
                    refuse(path);
                }
                parts.keySet().removeAll(all);
                parts.put(all.get(0), own);
            }
        }
    }

    private void refuse(String path) {
        problems.accept(
                "%s is also the weight of %s, and the adapter does not change all of them alike: take a base that does not tie them"
                        .formatted(path, shared.others(path)));
    }

    private static boolean isSame(ParameterOverlay one, ParameterOverlay other) {
        if (one instanceof Rescaling here && other instanceof Rescaling there) {
            return here.isByRow() == there.isByRow() && here.hasFactorsOf(there);
        }
        return one.getClass() == other.getClass()
                && scale(one) == scale(other)
                && hasSame(one.parameters(), other.parameters());
    }

    private static float scale(ParameterOverlay overlay) {
        return overlay instanceof LowRankUpdate update
                ? update.scale()
                : overlay instanceof DecomposedUpdate both ? both.update().scale() : 1;
    }

    private static boolean hasSame(
            PairList<String, Parameter> here, PairList<String, Parameter> there) {
        for (int i = 0; i < here.size(); i++) {
            NDArray own = here.valueAt(i).getArray();
            NDArray other = there.valueAt(i).getArray();
            if (!own.getShape().equals(other.getShape()) || !own.contentEquals(other)) {
                return false;
            }
        }
        return true;
    }
}
