package dev.engram.onnx.internal.write;

import dev.engram.onnx.internal.proto.ExternalData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes that take the place of others in a file. */
final class FilePatch {

    private final long offset;
    private final byte[] bytes;

    FilePatch(long offset, byte[] bytes) {
        this.offset = offset;
        this.bytes = bytes;
    }

    /** Returns whether a file has other bytes there. */
    boolean changes(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer present = ByteBuffer.allocate(bytes.length);
            channel.position(offset);
            ExternalData.fill(present, channel);
            return !present.flip().equals(ByteBuffer.wrap(bytes));
        }
    }

    /** Puts the bytes into a file. */
    void put(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            long position = offset;
            while (buffer.hasRemaining()) {
                position += channel.write(buffer, position);
            }
        }
    }
}
