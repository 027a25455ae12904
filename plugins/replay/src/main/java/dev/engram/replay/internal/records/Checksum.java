package dev.engram.replay.internal.records;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Puts a CRC-32C before each record: damage is seen, nothing is hidden. */
final class Checksum extends Envelope {

    private final CRC32C crc = new CRC32C();

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public int overhead() {
        return Integer.BYTES;
    }

    @Override
    public void close(Kind kind, long id, ByteBuffer plain, ByteBuffer target) {
        target.putInt(sum(kind, id, plain.duplicate())).put(plain);
    }

    @Override
    public ByteBuffer open(Kind kind, long id, ByteBuffer closed) throws BrokenSealException {
        if (closed.remaining() < overhead()) {
            throw new BrokenSealException("it has only " + closed.remaining() + " bytes");
        }
        int written = closed.getInt();
        if (written != sum(kind, id, closed.duplicate())) {
            throw new BrokenSealException("its checksum is another");
        }
        return closed.slice();
    }

    private int sum(Kind kind, long id, ByteBuffer bytes) {
        crc.reset();
        crc.update(label(kind, id));
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
