package dev.engram.replay.internal.recognition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tells samples by the bytes of their inputs and labels: 64 bits each, after the scheme of xxHash64
 * (four lanes, so that a batch is read about as fast as memory gives it).
 *
 * <p>On a CPU the arrays are read where they lie; from another device they are copied, which waits
 * for it.
 */
final class Digests {

    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final int STRIPE = 4 * Long.BYTES;

    private Digests() {}

    /**
     * Returns a digest for each sample.
     *
     * @param arrays each with the samples in its first dimension
     * @param seed another one gives digests that have nothing to do with these
     * @param manager below which what is made lives until this returns
     */
    static long[] of(NDList arrays, int samples, long seed, NDManager manager) {
        long[] digests = new long[samples];
        Arrays.fill(digests, seed);
        try (NDManager call = manager.newSubManager()) {
            for (NDArray array : arrays) {
                if (array.size() == 0) {
                    continue;
                }
                NDArray view = array.stopGradient();
                view.attach(call);
                add(view.toByteBuffer(true), digests);
            }
        }
        return digests;
    }

    private static void add(ByteBuffer bytes, long[] digests) {
        int length = bytes.remaining() / digests.length;
        for (int row = 0; row < digests.length; row++) {
            digests[row] = of(bytes, bytes.position() + row * length, length, digests[row]);
        }
    }

    /** Returns a digest of a text. */
    static long of(String text, long seed) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        return of(bytes, 0, bytes.remaining(), seed);
    }

    private static long of(ByteBuffer bytes, int from, int length, long seed) {
        long a = seed + P1 + P2;
        long b = seed + P2;
        long c = seed;
        long d = seed - P1;
        int at = from;
        int end = from + length;
        for (; at + STRIPE <= end; at += STRIPE) {
            a = lane(a, bytes.getLong(at));
            b = lane(b, bytes.getLong(at + Long.BYTES));
            c = lane(c, bytes.getLong(at + 2 * Long.BYTES));
            d = lane(d, bytes.getLong(at + 3 * Long.BYTES));
        }
        long sum = mixed(mixed(mixed(mixed(length, a), b), c), d);
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            sum = mixed(sum, bytes.getLong(at));
        }
        for (; at < end; at++) {
            sum = mixed(sum, bytes.get(at));
        }
        return spread(sum);
    }

    private static long lane(long lane, long word) {
        return Long.rotateLeft(lane + word * P2, 31) * P1;
    }

    private static long mixed(long sum, long word) {
        return Long.rotateLeft(sum ^ lane(0, word), 27) * P1 + P3;
    }

    /** Every bit of the result depends on every bit of the number. */
    static long spread(long number) {
        long bits = (number ^ (number >>> 33)) * P2;
        bits = (bits ^ (bits >>> 29)) * P3;
        return bits ^ (bits >>> 32);
    }
}
