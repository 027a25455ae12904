package dev.engram.onnx;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Random;

/** Sentences of six tokens for {@link SmallTransformer}: each task asks for other tokens. */
final class Words extends Tasks {

    @Override
    int[] labels(int task) {
        return new int[] {0, 1};
    }

    @Override
    NDList sample(int task, int label, Random random, NDManager manager) {
        long[] tokens = random.longs(6, 10, 40).toArray();
        for (int i = 0; i < 4; i++) {
            tokens[1 + random.nextInt(5)] = 2L + 2L * task + label;
        }
        tokens[0] = 1;
        long[] mask = {1, 1, 1, 1, 1, 1};
        return new NDList(manager.create(tokens), manager.create(mask));
    }

    @Override
    float rate() {
        return 1e-2f;
    }
}
