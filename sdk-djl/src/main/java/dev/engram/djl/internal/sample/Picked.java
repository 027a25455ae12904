package dev.engram.djl.internal.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Rows of a batch on their way to their slots.
 *
 * @param arrays the rows, inputs first, then labels
 * @param inputs how many of the arrays are inputs
 * @param slots the slot that each row goes to
 * @param subjects whom each row is about, an empty name where that is unknown
 */
record Picked(NDList arrays, int inputs, List<Integer> slots, List<String> subjects) {

    /** Copies the chosen rows of a batch. */
    static Picked from(
            NDList batch,
            int inputs,
            SortedMap<Integer, Integer> rowOfSlot,
            List<String> subjects,
            NDManager owner) {
        long[] rows = rowOfSlot.values().stream().mapToLong(Integer::longValue).toArray();
        NDList picked = new NDList();
        try (NDArray index = batch.head().getManager().create(rows)) {
            for (NDArray array : batch) {
                NDArray some = array.get(index);
                some.attach(owner);
                some.setName(array.getName());
                picked.add(some);
            }
        }
        List<String> names =
                rowOfSlot.values().stream()
                        .map(row -> subjects.isEmpty() ? "" : subjects.get(row))
                        .toList();
        return new Picked(picked, inputs, List.copyOf(rowOfSlot.keySet()), names);
    }

    /** Returns all rows of several, in order, and closes their arrays. */
    static Picked joined(List<Picked> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Picked first = parts.get(0);
        List<Integer> slots = new ArrayList<>();
        List<String> subjects = new ArrayList<>();
        for (Picked part : parts) {
            slots.addAll(part.slots);
            subjects.addAll(part.subjects);
        }
        NDList joined = new NDList();
        for (int i = 0; i < first.arrays.size(); i++) {
            NDList column = new NDList();
            for (Picked part : parts) {
                column.add(part.arrays.get(i));
            }
            NDArray whole = NDArrays.concat(column);
            whole.setName(first.arrays.get(i).getName());
            joined.add(whole);
        }
        parts.forEach(part -> part.arrays.close());
        return new Picked(joined, first.inputs, slots, subjects);
    }
}
