package dev.engram.replay.store.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.h2.mvstore.WriteBuffer;
import org.junit.jupiter.api.Test;

class BoundedTypeTest {

    @Test
    void aLengthThatAPageCannotHoldMakesNoArray() {
        // 2,147,483,647 as MVStore writes it, and one byte of that.
        ByteBuffer page = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, 7, 1});
        assertThatThrownBy(() -> BoundedType.BYTES.read(page))
                .isInstanceOf(BufferUnderflowException.class);
        assertThatThrownBy(() -> BoundedType.LONGS.createStorage(Integer.MAX_VALUE))
                .isInstanceOf(BufferUnderflowException.class);
    }

    @Test
    void whatWasWrittenIsReadAsBefore() {
        WriteBuffer written = new WriteBuffer();
        BoundedType.BYTES.write(written, new byte[] {1, 2, 3});
        ByteBuffer page = written.getBuffer();
        page.flip();
        assertThat(BoundedType.BYTES.read(page)).containsExactly(1, 2, 3);
    }
}
