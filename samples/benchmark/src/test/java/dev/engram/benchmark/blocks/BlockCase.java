package dev.engram.benchmark.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A block of DJL in a small classifier, and data for it.
 *
 * @param name tells it in a report
 * @param block makes it anew
 * @param input the shape of one sample
 * @param dictionary how many words there are; 0 for numbers
 * @param rate at which the network is trained
 * @param adapts whether LoRA finds something to adapt in it
 * @param scatters whether what it keeps of a task changes from run to run more than a guard does
 * @param fault what DJL says where it cannot train the block
 */
record BlockCase(
        String name,
        Supplier<Block> block,
        Shape input,
        int dictionary,
        float rate,
        boolean adapts,
        boolean scatters,
        Optional<String> fault) {

    static final int CLASSES = 3;
    static final int BATCH = 16;
    private static final float RATE = 0.03f;

    /** A block that takes numbers. */
    static BlockCase takesNumbers(String name, Shape input, Supplier<Block> block) {
        return new BlockCase(name, block, input, 0, RATE, true, false, Optional.empty());
    }

    /** A block that takes words. */
    static BlockCase takesWords(String name, Shape input, int dictionary, Supplier<Block> block) {
        return new BlockCase(name, block, input, dictionary, RATE, true, false, Optional.empty());
    }

    BlockCase failsWith(String message) {
        return new BlockCase(
                name, block, input, dictionary, rate, adapts, scatters, Optional.of(message));
    }

    BlockCase withRate(float other) {
        return new BlockCase(name, block, input, dictionary, other, adapts, scatters, fault);
    }

    /** A deep network of {@code relu6}, whose numbers DJL computes otherwise in each run. */
    BlockCase thatScatters() {
        return new BlockCase(name, block, input, dictionary, rate, adapts, true, fault);
    }

    BlockCase withoutAdapter() {
        return new BlockCase(name, block, input, dictionary, rate, false, scatters, fault);
    }

    /** Returns the block with a head behind it. */
    SequentialBlock network() {
        return new SequentialBlock()
                .add(block.get())
                .add(new LambdaBlock(list -> new NDList(flat(list.head()))))
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static NDArray flat(NDArray array) {
        return array.reshape(array.getShape().get(0), -1);
    }

    Shape inputs() {
        return new Shape(BATCH).addAll(input);
    }

    /** Each class has a pattern; in the second task it resembles another class of the first. */
    TaskBatches task(int task) {
        return new TaskBatches(this, task);
    }

    NDArray input(int task, long[] classes, Random random, NDManager manager) {
        int size = (int) input.size();
        float[] values = new float[classes.length * size];
        for (int i = 0; i < classes.length; i++) {
            Random pattern = new Random(100L * task + classes[i]);
            Random earlier = new Random(classes[i] + 1);
            for (int j = 0; j < size; j++) {
                double own = pattern.nextGaussian();
                double theirs = earlier.nextGaussian();
                double value = own + 0.5 * task * theirs + 0.1 * random.nextGaussian();
                values[i * size + j] =
                        (float) (dictionary == 0 ? value : word(value, random.nextInt(10)));
            }
        }
        NDArray array =
                manager.create(values, new Shape(classes.length).addAll(input))
                        .toType(dictionary == 0 ? DataType.FLOAT32 : DataType.INT64, false);
        array.attach(manager);
        return array;
    }

    private double word(double value, int noise) {
        double told = Math.floor(dictionary / (1 + Math.exp(-2 * value)));
        return noise == 0 ? 0 : Math.min(dictionary - 1, Math.max(0, told));
    }

    @Override
    public String toString() {
        return name;
    }
}
