package dev.engram.replay.internal.records;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.replay.store.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Collects the bytes of samples and makes arrays of them: one buffer and one transfer an array. */
public final class UnpackedRows {

    private final Layout layout;
    private final List<Layout.Part> parts;
    private final List<ByteBuffer> columns;
    private final int count;

    public UnpackedRows(Layout layout, int count) {
        this.layout = layout;
        this.parts = layout.parts();
        this.count = count;
        this.columns = parts.stream().map(part -> column(part, count)).toList();
    }

    /** Not from a pool: on the CPU the engine makes the array of this very memory. */
    private static ByteBuffer column(Layout.Part part, int count) {
        return ByteBuffer.allocateDirect(Math.toIntExact(part.bytes() * count))
                .order(ByteOrder.nativeOrder());
    }

    public Layout layout() {
        return layout;
    }

    /** Takes the bytes of a sample, which {@link PackedRows#copy} wrote. */
    public void put(int row, ByteBuffer sample) {
        int from = sample.position();
        for (int i = 0; i < columns.size(); i++) {
            int length = (int) parts.get(i).bytes();
            columns.get(i).put(row * length, sample, from, length);
            from += length;
        }
    }

    public NDList arrays(NDManager manager) {
        NDList arrays = new NDList();
        for (int i = 0; i < columns.size(); i++) {
            Layout.Part part = parts.get(i);
            Shape shape = new Shape(count).addAll(part.shape());
            NDArray array = manager.create(columns.get(i), shape, part.type());
            if (!part.name().isEmpty()) {
                array.setName(part.name());
            }
            arrays.add(array);
        }
        return arrays;
    }
}
