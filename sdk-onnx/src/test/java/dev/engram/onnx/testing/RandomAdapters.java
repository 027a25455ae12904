package dev.engram.onnx.testing;

import dev.engram.onnx.adapter.AdapterSlot;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.FloatMatrix;
import dev.engram.onnx.adapter.LowRankPair;
import dev.engram.onnx.adapter.OnnxAdapter;
import java.util.Random;

/** Adapters that no training made. */
public final class RandomAdapters {

    private RandomAdapters() {}

    public static OnnxAdapter of(AdapterSlots slots, int rank, long seed) {
        Random random = new Random(seed);
        OnnxAdapter.Builder adapter = OnnxAdapter.builder(slots);
        for (AdapterSlot slot : slots.byWeight().values()) {
            FloatMatrix a = matrix((int) slot.in(), rank, random);
            FloatMatrix b = matrix(rank, (int) slot.out(), random);
            adapter.addPair(slot.weight(), LowRankPair.of(a, b, 0.1));
        }
        return adapter.build();
    }

    public static FloatMatrix matrix(int rows, int columns, Random random) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return FloatMatrix.of(rows, columns, values);
    }
}
