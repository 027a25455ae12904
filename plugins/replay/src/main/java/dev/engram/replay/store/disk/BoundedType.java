package dev.engram.replay.store.disk;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;

/**
 * A type of MVStore's that believes no number of a damaged page: MVStore itself makes an array as
 * long as the page says, of up to 2 GB, and the JVM runs out of memory.
 *
 * @param <T> the type of the values
 */
final class BoundedType<T> extends BasicDataType<T> {

    static final BoundedType<Long> LONGS = new BoundedType<>(LongDataType.INSTANCE, false);
    static final BoundedType<byte[]> BYTES = new BoundedType<>(ByteArrayDataType.INSTANCE, true);

    /** A page of 16 KB holds far fewer. */
    private static final int MOST_IN_A_PAGE = 1 << 20;

    private final DataType<T> type;
    private final boolean statesLength;

    private BoundedType(DataType<T> type, boolean statesLength) {
        this.type = type;
        this.statesLength = statesLength;
    }

    @Override
    public T read(ByteBuffer page) {
        if (statesLength) {
            ByteBuffer ahead = page.duplicate();
            int length = DataUtils.readVarInt(ahead);
            if (length < 0 || length > ahead.remaining()) {
                throw new BufferUnderflowException();
            }
        }
        return type.read(page);
    }

    @Override
    public T[] createStorage(int size) {
        if (size < 0 || size > MOST_IN_A_PAGE) {
            throw new BufferUnderflowException();
        }
        return type.createStorage(size);
    }

    @Override
    public void write(WriteBuffer page, T value) {
        type.write(page, value);
    }

    @Override
    public int getMemory(T value) {
        return type.getMemory(value);
    }

    @Override
    public int compare(T one, T other) {
        return type.compare(one, other);
    }

    @Override
    public int binarySearch(T key, Object storage, int size, int initialGuess) {
        return type.binarySearch(key, storage, size, initialGuess);
    }
}
