package dev.engram.scenarios.images;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import java.util.Random;

/** Images on the device, from which batches are cut without a copy from the host. */
public final class DeviceImages implements AutoCloseable {

    private static final int TEST_BATCH = 2000;

    private final NDManager manager;
    private final NDArray pixels;
    private final NDArray labels;
    private final int count;

    /** Copies the images to the device of {@code parent}. */
    public DeviceImages(Images images, NDManager parent) {
        manager = parent.newSubManager();
        count = images.count();
        pixels = manager.create(images.pixels(), new Shape(count, images.features()));
        labels = manager.create(images.labels()).toType(DataType.INT64, false);
    }

    /** Returns a batch of rows drawn with replacement. */
    public Batch batch(int size, Random random, NDManager parent) {
        long[] rows = random.longs(size, 0, count).toArray();
        return batch(rows, parent);
    }

    /** Returns the batch of the given rows. */
    public Batch batch(long[] rows, NDManager parent) {
        NDManager owner = parent.newSubManager();
        NDArray index = owner.create(rows);
        NDArray data = pixels.get(index);
        data.attach(owner);
        NDArray label = labels.get(index);
        label.attach(owner);
        return new Batch(
                owner, new NDList(data), new NDList(label), rows.length, null, null, 0, count);
    }

    /** Returns the number of images. */
    public int count() {
        return count;
    }

    /** Returns all pixels, shape (images, features). */
    public NDArray pixels() {
        return pixels;
    }

    /** Returns all labels, shape (images). */
    public NDArray labels() {
        return labels;
    }

    /** Returns the share of images whose highest output, after adding the mask, is their label. */
    public double accuracy(Block block, NDArray mask) {
        try (NDManager call = manager.newSubManager()) {
            ParameterStore store = new ParameterStore(call, false);
            long right = 0;
            for (int from = 0; from < count; from += TEST_BATCH) {
                String cut = from + ":" + Math.min(count, from + TEST_BATCH);
                NDArray data = pixels.get(cut);
                data.attach(call);
                NDArray outputs = block.forward(store, new NDList(data), false).head().add(mask);
                NDArray hits = outputs.argMax(1).toType(DataType.INT64, false).eq(labels.get(cut));
                right += hits.toType(DataType.INT64, false).sum().getLong();
            }
            return (double) right / count;
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
