package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Some samples of a batch. */
public final class Rows {

    private Rows() {}

    /** Returns the numbers from {@code first} on, every second. */
    public static long[] everySecond(int size, int first) {
        return LongStream.range(0, size).filter(i -> i % 2 == first).toArray();
    }

    /** Returns the numbers of all samples. */
    public static long[] range(long size) {
        return LongStream.range(0, size).toArray();
    }

    /** Returns the numbers of the samples of each task, in the order in which tasks appear. */
    public static Map<String, long[]> byTask(List<String> tasks) {
        Map<String, LongStream.Builder> rows = new LinkedHashMap<>();
        for (int i = 0; i < tasks.size(); i++) {
            rows.computeIfAbsent(tasks.get(i), task -> LongStream.builder()).add(i);
        }
        Map<String, long[]> byTask = new LinkedHashMap<>();
        rows.forEach((task, own) -> byTask.put(task, own.build().toArray()));
        return byTask;
    }

    /** Returns handles that belong to another manager, and what is computed of them, too. */
    public static NDList handles(NDList arrays, NDManager owner) {
        NDList handles = new NDList();
        for (NDArray array : arrays) {
            NDArray handle = array.stopGradient();
            handle.attach(owner);
            handle.setName(array.getName());
            handles.add(handle);
        }
        return handles;
    }

    /** Returns some samples of each array, which belong to a manager. */
    public static NDList of(NDList arrays, long[] rows, NDManager owner) {
        NDList some = new NDList();
        NDArray which = owner.create(rows);
        for (NDArray array : handles(arrays, owner)) {
            NDArray chosen = array.get(which);
            chosen.setName(array.getName());
            some.add(chosen);
        }
        return some;
    }

    /** Returns copies of some samples that outlive the call. */
    public static NDList copied(NDList arrays, long[] rows, NDManager owner) {
        try (NDManager call = owner.newSubManager()) {
            NDList copies = new NDList();
            of(arrays, rows, call).forEach(array -> copies.add(EngineMemory.copy(array, owner)));
            return copies;
        }
    }
}
