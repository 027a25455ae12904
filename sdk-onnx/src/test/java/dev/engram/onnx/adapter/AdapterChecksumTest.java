package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdapterChecksumTest {

    /** Files that state it are kept for years. */
    @Test
    void itStaysWhatTheFirstVersionWrote() {
        float[] many = new float[6000];
        for (int i = 0; i < many.length; i++) {
            many[i] = i * 0.5f - 7;
        }
        OnnxAdapter adapter =
                OnnxAdapter.builder()
                        .optBase("ab12")
                        .optVersion(7)
                        .addPair(
                                "layer.1.w",
                                LowRankPair.of(
                                        FloatMatrix.of(2000, 3, many),
                                        FloatMatrix.of(3, 1, 1, 2, -0f)))
                        .addPair(
                                "layer.0.w",
                                LowRankPair.of(
                                        FloatMatrix.of(3, 1, 1, -2.5f, 0.1f),
                                        FloatMatrix.of(1, 2, 0, 3e7f)))
                        .build();
        assertThat(AdapterChecksum.of(adapter))
                .isEqualTo("4fac62809c54a12acf8bb8c0ae763efa60f7a59ef12825d7f1e73d1ab11131c1");
    }
}
