package dev.engram.assistant.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.assistant.corpus.Sentence;
import java.util.ArrayList;
import java.util.List;

/** Sentences on the device, with the output of the head that each of them means. */
public final class EncodedSentences implements AutoCloseable {

    private static final int TEST_BATCH = 256;

    private final NDManager manager;
    private final NDArray ids;
    private final NDArray labels;
    private final int count;

    /**
     * Copies sentences to the device.
     *
     * @param first the output of the domain's first intent
     */
    public EncodedSentences(
            List<Sentence> sentences, int first, HashedWords hashed, NDManager parent) {
        manager = parent.newSubManager();
        count = sentences.size();
        int one = HashedWords.LENGTH * HashedWords.HASHES;
        long[] rows = new long[count * one];
        long[] outputs = new long[count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(hashed.encode(sentences.get(i).text()), 0, rows, i * one, one);
            outputs[i] = (long) first + sentences.get(i).intent();
        }
        ids = manager.create(rows, new Shape(count, HashedWords.LENGTH, HashedWords.HASHES));
        labels = manager.create(outputs);
    }

    /** Returns them as a data set of DJL, shuffled at every epoch. */
    public ArrayDataset dataset(int batch) {
        return new ArrayDataset.Builder()
                .setData(ids)
                .optLabels(labels)
                .setSampling(batch, true)
                .build();
    }

    /** Returns them in batches, without labels; they live as long as this. */
    public List<NDList> batches(int size) {
        List<NDList> batches = new ArrayList<>();
        for (int from = 0; from < count; from += size) {
            NDIndex cut = new NDIndex(from + ":" + Math.min(count, from + size));
            batches.add(new NDList(ids.get(manager, cut)));
        }
        return batches;
    }

    /** Returns the share of sentences whose highest output, after adding the mask, is theirs. */
    public double accuracy(Block block, NDArray mask) {
        long right = 0;
        for (int from = 0; from < count; from += TEST_BATCH) {
            NDIndex cut = new NDIndex(from + ":" + Math.min(count, from + TEST_BATCH));
            try (NDManager call = manager.newSubManager()) {
                NDArray some = ids.get(call, cut);
                NDArray outputs =
                        block.forward(new ParameterStore(call, false), new NDList(some), false)
                                .head();
                NDArray hits =
                        outputs.add(mask)
                                .argMax(1)
                                .toType(DataType.INT64, false)
                                .eq(labels.get(call, cut));
                right += hits.toType(DataType.INT64, false).sum().getLong();
            }
        }
        return (double) right / count;
    }

    @Override
    public void close() {
        manager.close();
    }
}
