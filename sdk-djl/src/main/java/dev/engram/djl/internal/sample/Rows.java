package dev.engram.djl.internal.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;

/** Some rows of equal shapes: inputs first, then labels. */
record Rows(NDList arrays, int inputs, String shapes, int size) {

    static Rows gather(NDManager manager, NDList data, NDList labels, int[] kept, int size) {
        NDList all = new NDList(data);
        all.addAll(labels);
        NDList gathered = select(manager, all, kept, size);
        StringBuilder shapes = new StringBuilder();
        gathered.forEach(
                array ->
                        shapes.append(array.getShape().slice(1))
                                .append(array.getDataType())
                                .append(array.getDevice()));
        return new Rows(gathered, data.size(), shapes.toString(), kept.length);
    }

    Rows gather(NDManager manager, int[] kept) {
        return new Rows(select(manager, arrays, kept, size), inputs, shapes, kept.length);
    }

    static Rows join(NDManager manager, List<Rows> parts) {
        Rows first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        NDList joined = new NDList();
        for (int i = 0; i < first.arrays.size(); i++) {
            int index = i;
            NDList column = new NDList();
            parts.forEach(part -> column.add(part.arrays.get(index)));
            NDArray array = NDArrays.concat(column);
            array.attach(manager);
            joined.add(array);
        }
        parts.forEach(Rows::close);
        int size = parts.stream().mapToInt(Rows::size).sum();
        return new Rows(joined, first.inputs, first.shapes, size);
    }

    void close() {
        arrays.close();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    private static NDList select(NDManager manager, NDList from, int[] kept, int size) {
        NDList selected = new NDList();
        boolean all = Arrays.equals(kept, identity(size));
        for (NDArray array : from) {
            NDArray copy = all ? array.duplicate() : pick(array, kept);
            copy.attach(manager);
            copy.setName(array.getName());
            selected.add(copy);
        }
        return selected;
    }

    private static NDArray pick(NDArray array, int[] kept) {
        long[] rows = Arrays.stream(kept).asLongStream().toArray();
        try (NDArray index = array.getManager().create(rows)) {
            return array.get(index);
        }
    }

    private static int[] identity(int size) {
        int[] rows = new int[size];
        Arrays.setAll(rows, i -> i);
        return rows;
    }
}
