package dev.engram.scenarios;

import java.util.List;

/**
 * How a run trains: the numbers that make two runs comparable.
 *
 * @param name its name
 * @param hidden units of the hidden layers
 * @param batchSize samples a step
 * @param iterations steps a task, where {@code epochs} is 0
 * @param epochs passes over the data a task, or 0
 * @param learningRate of Adam
 * @param keepsOptimizer whether Adam's moments go on from task to task, or begin anew with each
 */
public record Protocol(
        String name,
        List<Integer> hidden,
        int batchSize,
        int iterations,
        int epochs,
        float learningRate,
        boolean keepsOptimizer) {

    /** Split MNIST: 784-400-400, Adam 1e-3, batch 128, 500 iterations a task. */
    public static final Protocol SPLIT_500 =
            new Protocol("split-mnist-500", List.of(400, 400), 128, 500, 0, 1e-3f, false);

    /** Permuted MNIST: 784-512, batch 256, 10 epochs a task. */
    public static final Protocol PERMUTED_10 =
            new Protocol("permuted-mnist-10", List.of(512), 256, 0, 10, 1e-3f, false);

    /** The fast variant, as Avalanche runs it: 784-1000, one epoch a task, one Adam for all. */
    public static final Protocol PERMUTED_FAST =
            new Protocol("permuted-mnist-10", List.of(1000), 256, 0, 1, 1e-3f, true);

    /** Six permutations, five switches: 784-100-100, Adam 1e-3, batch 64, 300 steps a task. */
    public static final Protocol PERMUTED_6 =
            new Protocol("permuted-mnist-6", List.of(100, 100), 64, 300, 0, 1e-3f, false);

    /** The same with six angles. */
    public static final Protocol ROTATED_6 =
            new Protocol("rotated-mnist-6", List.of(100, 100), 64, 300, 0, 1e-3f, false);

    /** Returns how many steps a task of so many images takes. */
    public int steps(int images) {
        return epochs == 0 ? iterations : epochs * stepsPerEpoch(images);
    }

    /** Returns how many steps an epoch takes. */
    public int stepsPerEpoch(int images) {
        return epochs == 0 ? iterations : (images + batchSize - 1) / batchSize;
    }
}
