package dev.engram.replay.internal.records;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.replay.store.Layout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The samples of some arrays as bytes: of each sample its parts one after the other.
 *
 * <p>On the CPU the arrays' own memory is read; from another device each array comes in one
 * transfer. Close it before the arrays.
 */
public final class PackedRows implements AutoCloseable {

    private final List<ByteBuffer> columns = new ArrayList<>();
    private final List<Layout.Part> parts;
    private final List<NDManager> scopes = new ArrayList<>();

    /** Opens the arrays, which {@link dev.engram.replay.store.Changes#check} has seen. */
    public PackedRows(Layout layout, NDList arrays) {
        parts = layout.parts();
        for (NDArray array : arrays) {
            // What the engine copies on the way to the host it attaches to the array's manager and
            // never frees; so that manager is one that is closed here.
            NDManager scope = array.getManager().newSubManager();
            scopes.add(scope);
            array.tempAttach(scope);
            columns.add(array.toByteBuffer(true));
        }
    }

    /** Appends the bytes of one sample. */
    public void copy(int row, ByteBuffer target) {
        for (int i = 0; i < columns.size(); i++) {
            int length = Math.toIntExact(parts.get(i).bytes());
            ByteBuffer column = columns.get(i);
            target.put(target.position(), column, row * length, length);
            target.position(target.position() + length);
        }
    }

    @Override
    public void close() {
        scopes.forEach(NDManager::close);
        scopes.clear();
    }
}
