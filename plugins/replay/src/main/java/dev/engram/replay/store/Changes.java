package dev.engram.replay.store;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Experimental;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;

/** What every store asks of a change before it does anything. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Changes {

    private Changes() {}

    /**
     * Sees to it that what is added is of one layout, that the arrays are of it, too, and that its
     * ids are new and stay.
     *
     * @throws IllegalArgumentException if not
     */
    public static void check(Change change, LongPredicate stored) {
        Set<Long> seen = new HashSet<>();
        for (SampleKey key : change.added()) {
            requireSame(change.added().get(0).layout(), key.layout(), key.id());
            if (key.id() <= 0 || !seen.add(key.id()) || stored.test(key.id())) {
                throw new IllegalArgumentException(
                        "A sample with the id %d is added again: take ids from nextId()"
                                .formatted(key.id()));
            }
        }
        for (Long id : change.removed()) {
            if (seen.contains(id)) {
                throw new IllegalArgumentException(
                        "Sample %d is added and removed in one change: leave it out of both"
                                .formatted(id));
            }
        }
        if (!seen.isEmpty()) {
            requireMatch(change.added().get(0).layout(), change.arrays(), seen.size());
        }
    }

    private static void requireMatch(Layout layout, NDList arrays, int count) {
        List<Layout.Part> parts = layout.parts();
        boolean matches = parts.size() == arrays.size();
        for (int i = 0; matches && i < parts.size(); i++) {
            Shape expected = new Shape(count).addAll(parts.get(i).shape());
            NDArray array = arrays.get(i);
            matches =
                    array.getShape().equals(expected) && array.getDataType() == parts.get(i).type();
        }
        if (!matches) {
            throw new IllegalArgumentException(
                    "The arrays %s are not %d samples of the layout %s"
                            .formatted(
                                    arrays.stream()
                                            .map(
                                                    array ->
                                                            array.getDataType()
                                                                    + ""
                                                                    + array.getShape())
                                            .toList(),
                                    count,
                                    layout));
        }
    }

    /**
     * Sees to it that two samples can stand in one array.
     *
     * @throws IllegalArgumentException if not
     */
    public static void requireSame(Layout expected, Layout seen, long id) {
        if (!expected.equals(seen)) {
            throw new IllegalArgumentException(
                    "Sample %d has the layout %s, those before it %s: ask for samples of one layout at a time"
                            .formatted(id, seen, expected));
        }
    }
}
