package dev.engram.benchmark.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import java.util.Random;
import java.util.stream.IntStream;

/** The batches of one task, drawn anew and alike at each pass. */
record TaskBatches(BlockCase block, int task) implements Dataset {

    private static final int COUNT = 4;

    @Override
    public Iterable<Batch> getData(NDManager manager) {
        return () -> {
            Random random = new Random(task);
            return IntStream.range(0, COUNT).mapToObj(i -> batch(manager, random)).iterator();
        };
    }

    @Override
    public void prepare(Progress progress) {
        // Nothing is loaded.
    }

    private Batch batch(NDManager manager, Random random) {
        NDManager own = manager.newSubManager();
        long[] classes = new long[BlockCase.BATCH];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = random.nextInt(BlockCase.CLASSES);
        }
        NDArray data = block.input(task, classes, random, own);
        NDArray labels = own.create(classes);
        return new Batch(
                own, new NDList(data), new NDList(labels), classes.length, null, null, 0, 0);
    }
}
