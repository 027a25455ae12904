package dev.engram.onnx.internal.flatbuffer;

import com.google.flatbuffers.Table;
import java.nio.ByteBuffer;

/**
 * A table of an adapter file. Every read stays inside the file: whatever points out of it ends in
 * an {@link IndexOutOfBoundsException}, which the reader turns into an error of its own.
 */
public final class AdapterTable extends Table {

    private AdapterTable(ByteBuffer file, int position) {
        __reset(position, file);
    }

    public static AdapterTable root(ByteBuffer file) {
        return new AdapterTable(file, file.getInt(file.position()) + file.position());
    }

    public int number(int field) {
        int offset = __offset(slot(field));
        return offset == 0 ? 0 : bb.getInt(bb_pos + offset);
    }

    public String text(int field) {
        int offset = __offset(slot(field));
        return offset == 0 ? "" : __string(bb_pos + offset);
    }

    /** Returns how many elements a vector has, checked against the file's length. */
    public int length(int field, int elementBytes) {
        int offset = __offset(slot(field));
        if (offset == 0) {
            return 0;
        }
        int length = __vector_len(offset);
        long end = __vector(offset) + (long) length * elementBytes;
        if (length < 0 || end > bb.limit()) {
            throw new IndexOutOfBoundsException(length + " elements reach beyond the file");
        }
        return length;
    }

    public long longAt(int field, int index) {
        return bb.getLong(__vector(__offset(slot(field))) + index * Long.BYTES);
    }

    public AdapterTable tableAt(int field, int index) {
        int place = __vector(__offset(slot(field))) + index * Integer.BYTES;
        return new AdapterTable(bb, __indirect(place));
    }

    /** Returns a view of a vector of bytes. */
    public ByteBuffer bytes(int field) {
        int length = length(field, 1);
        return length == 0
                ? ByteBuffer.allocate(0)
                : bb.slice(__vector(__offset(slot(field))), length).order(bb.order());
    }

    private static int slot(int field) {
        return 4 + 2 * field;
    }
}
