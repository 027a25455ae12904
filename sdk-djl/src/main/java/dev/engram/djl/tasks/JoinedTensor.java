package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.overlay.Detached;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a task that is tensors of the task before it, joined, and so is not written down
 * again: a method whose tasks each keep what all before them learnt would grow with their square.
 *
 * @param parts names of the task before, of the same weight
 * @param axis along which they are joined
 */
record JoinedTensor(@Nullable List<String> parts, int axis) {

    /**
     * Finds, by their values, which tensors of a task are such; waits for the device.
     *
     * @param before the tensors of the task before, by name
     * @param now those of the task
     */
    static Map<String, JoinedTensor> find(Map<String, NDArray> before, Map<String, NDArray> now) {
        Map<String, JoinedTensor> found = new LinkedHashMap<>();
        now.forEach(
                (name, value) ->
                        candidates(name, value, before)
                                .filter(one -> one.gives(value, before))
                                .findFirst()
                                .ifPresent(joined -> found.put(name, joined)));
        return found;
    }

    /** Those whose shapes add up: a new name copies one, a known one has another behind it. */
    private static Stream<JoinedTensor> candidates(
            String name, NDArray value, Map<String, NDArray> before) {
        NDArray first = before.get(name);
        Shape wanted = value.getShape();
        Stream<Map.Entry<String, NDArray>> near =
                before.entrySet().stream()
                        .filter(other -> weight(other.getKey()).equals(weight(name)))
                        .filter(other -> value.getDataType() == other.getValue().getDataType());
        if (first == null) {
            return near.filter(other -> other.getValue().getShape().equals(wanted))
                    .map(other -> new JoinedTensor(List.of(other.getKey()), 0));
        }
        return near.flatMap(
                other ->
                        axis(first.getShape(), other.getValue().getShape(), wanted)
                                .map(axis -> new JoinedTensor(List.of(name, other.getKey()), axis))
                                .stream());
    }

    private static Optional<Integer> axis(Shape first, Shape second, Shape sum) {
        int axes = sum.dimension();
        if (first.dimension() != axes || second.dimension() != axes || first.equals(sum)) {
            return Optional.empty();
        }
        for (int axis = 0; axis < axes; axis++) {
            long[] both = first.getShape().clone();
            both[axis] += second.get(axis);
            long[] other = second.getShape().clone();
            other[axis] = first.get(axis);
            if (new Shape(both).equals(sum) && new Shape(other).equals(first)) {
                return Optional.of(axis);
            }
        }
        return Optional.empty();
    }

    private static String weight(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1);
    }

    private boolean gives(NDArray value, Map<String, NDArray> before) {
        try (NDManager scratch = value.getManager().newSubManager()) {
            return Checksums.of(of(before, scratch)).equals(Checksums.of(value));
        }
    }

    /**
     * Returns the tensor, bit for bit.
     *
     * @param before the tensors of the task before, by name
     * @param owner will own it
     * @throws EngramException if a part is not there
     */
    NDArray of(Map<String, NDArray> before, NDManager owner) {
        NDList all = new NDList();
        for (String part : parts == null ? List.<String>of() : parts) {
            NDArray one = before.get(part);
            if (one == null) {
                throw missing(part);
            }
            all.add(Detached.in(owner, one));
        }
        if (all.isEmpty()) {
            throw missing("what it is joined of");
        }
        NDArray joined = all.size() == 1 ? all.head().duplicate() : NDArrays.concat(all, axis);
        joined.attach(owner);
        return joined;
    }

    private static EngramException missing(String part) {
        return new EngramException(
                "The memory of a task that goes on from the one before lacks %s there: restore the directory from a backup"
                        .formatted(part));
    }
}
