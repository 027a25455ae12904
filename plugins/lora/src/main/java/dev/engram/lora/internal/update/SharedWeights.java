package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a base that several layers share, such as an embedding and the head tied to it.
 *
 * <p>In DJL's blocks that is one parameter with several paths: whatever is put over it acts
 * wherever it is used. A TorchScript model has several parameters over one memory: what is written
 * into one of them changes the others, and each has only its own part of the gradient.
 */
public final class SharedWeights {

    private static final int COMPARED = 64;

    private final Map<String, List<String>> groups = new LinkedHashMap<>();
    private final Map<String, List<String>> inMemory = new LinkedHashMap<>();

    private SharedWeights() {}

    /** Finds one parameter under several paths. */
    public static SharedWeights of(BaseModel base) {
        SharedWeights shared = new SharedWeights();
        Map<String, List<String>> byId = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : base.parameters()) {
            byId.computeIfAbsent(entry.getValue().getId(), id -> new ArrayList<>())
                    .add(entry.getKey());
        }
        byId.values().forEach(paths -> note(paths, shared.groups));
        return shared;
    }

    /**
     * Finds several parameters over one memory, too: by changing one value for a moment, so nothing
     * else may run on the base.
     */
    public static SharedWeights ofOpaque(BaseModel base) {
        SharedWeights shared = of(base);
        Map<String, List<String>> alike = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : base.parameters()) {
            if (shared.first(entry.getKey()).equals(entry.getKey())) {
                alike.computeIfAbsent(start(entry.getValue()), any -> new ArrayList<>())
                        .add(entry.getKey());
            }
        }
        alike.values().forEach(paths -> shared.split(base, new ArrayList<>(paths)));
        return shared;
    }

    private static void note(List<String> paths, Map<String, List<String>> to) {
        if (paths.size() > 1) {
            paths.forEach(path -> to.put(path, List.copyOf(paths)));
        }
    }

    private static String start(Parameter parameter) {
        NDArray array = parameter.getArray();
        try (NDArray row = array.flatten();
                NDArray some = row.get("0:" + Math.min(COMPARED, array.size()));
                NDArray floats = some.toType(DataType.FLOAT32, true)) {
            return array.getShape() + Arrays.toString(floats.toFloatArray());
        }
    }

    private void split(BaseModel base, List<String> alike) {
        while (alike.size() > 1) {
            List<String> same = sameMemory(base, alike);
            alike.removeAll(same);
            note(same, inMemory);
        }
    }

    private static List<String> sameMemory(BaseModel base, List<String> alike) {
        NDArray first = base.parameters().get(alike.get(0)).getArray();
        boolean had = first.hasGradient();
        first.setRequiresGradient(false);
        try (NDArray before = first.duplicate();
                NDArray other = before.isEmpty() ? before.duplicate() : before.add(1)) {
            other.copyTo(first);
            List<String> same =
                    alike.stream()
                            .filter(path -> isSame(base.parameters().get(path), other))
                            .toList();
            before.copyTo(first);
            return same.isEmpty() ? List.of(alike.get(0)) : same;
        } finally {
            if (had) {
                first.setRequiresGradient(true);
            }
        }
    }

    private static boolean isSame(Parameter parameter, NDArray changed) {
        return parameter.getArray().contentEquals(changed);
    }

    /** Returns all paths of the parameter of a path, that one included. */
    public List<String> paths(String path) {
        return groups.getOrDefault(path, List.of(path));
    }

    /** Returns the path by which a task knows the parameter of a path. */
    public String first(String path) {
        return paths(path).get(0);
    }

    /** Returns whether other layers use the memory of a parameter that DJL has as another one. */
    public boolean isInMemoryOfOthers(String path) {
        return inMemory.containsKey(path);
    }

    /** Returns other layers that use the weight of a path. */
    public List<String> others(String path) {
        List<String> all = new ArrayList<>(paths(path));
        all.addAll(inMemory.getOrDefault(path, List.of()));
        all.removeIf(path::equals);
        return all;
    }

    /**
     * Refuses what cannot be changed for one layer alone.
     *
     * @throws EngramException naming the layers
     */
    public void requireSeparate(Collection<String> paths) {
        List<String> problems = new ArrayList<>();
        for (String path : paths) {
            if (isInMemoryOfOthers(path)) {
                problems.add("%s, which is also %s".formatted(path, others(path)));
            }
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "This TorchScript model ties weights: a change of one layer would change the"
                        + " others, too. Leave them out of targets and owned, or untie them before"
                        + " tracing (such as a copy of lm_head.weight):\n"
                        + "  - "
                            + String.join("\n  - ", problems));
        }
    }
}
