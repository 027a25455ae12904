package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;

/**
 * A task that the model has learnt, or what it could do before.
 *
 * @param form of its samples
 */
record KnownTask(String name, TextForm form) {

    private static final int AT_ONCE = 64;

    /** Labels that a loss leaves out are not told from others but by being no token. */
    private static final double MOST = 0.5;

    /**
     * Looks at samples of a task; waits for the device.
     *
     * @param most how many tokens a text is to have at most
     * @throws EngramException if they are no text with the next tokens as labels
     */
    static KnownTask of(FinishedTask task, int most) {
        String name = task.task().name();
        for (SampleBatch batch : task.samples(AT_ONCE)) {
            TextForm form = TextForm.of(name, batch.data(), batch.labels()).beside(batch.data());
            return new KnownTask(name, form.labelled(ahead(name, batch)).cut(most));
        }
        throw new EngramException(
                "Self-rehearsal takes the length of texts from a batch of the loop, but there is none of \"%s\": give BatchData the Batch, or call remember(model, dataset)"
                        .formatted(name));
    }

    private static int ahead(String task, SampleBatch batch) {
        if (batch.labels().isEmpty() || same(batch, 1) >= MOST) {
            return 1;
        }
        if (same(batch, 0) >= MOST) {
            return 0;
        }
        throw new EngramException(
                "Self-rehearsal makes labels of the tokens themselves, but those of task \"%s\" are neither the next tokens nor the tokens: it rehearses no masked words, answers or classes. Take er with a store of its own"
                        .formatted(task));
    }

    /** Returns the share of labels that are the token so many places on. */
    private static double same(SampleBatch batch, int ahead) {
        long[] tokens = numbers(batch.data());
        long[] labels = numbers(batch.labels());
        int length = Math.toIntExact(batch.data().head().getShape().get(1));
        int same = 0;
        int all = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean hasNext = i % length + ahead < length;
            if (hasNext && labels[i] >= 0) {
                all++;
                same += labels[i] == tokens[i + ahead] ? 1 : 0;
            }
        }
        return all == 0 ? 1 : (double) same / all;
    }

    static long[] numbers(NDList arrays) {
        NDArray array = arrays.head();
        return array.toType(DataType.INT64, false).toLongArray();
    }
}
