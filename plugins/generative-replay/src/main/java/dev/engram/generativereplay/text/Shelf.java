package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts of one form, those of a task together, on the device and ready to be drawn.
 *
 * @param owners of each text the task
 * @param ids one text a row
 * @param answers what the model answered to them, or null
 */
record Shelf(
        TextForm form,
        List<String> owners,
        NDArray ids,
        @Nullable NDArray answers,
        NDManager manager)
        implements AutoCloseable {

    private static final int AT_ONCE = 8;

    /** Returns one of texts, which it owns in memory of its own. */
    static Shelf of(TextForm form, List<String> owners, List<int[]> texts, NDManager owner) {
        NDManager manager = owner.newSubManager();
        int[] flat = texts.stream().flatMapToInt(Arrays::stream).toArray();
        Shape shape = new Shape(texts.size(), form.tokens());
        try (NDManager call = manager.newSubManager()) {
            NDArray ids = EngineMemory.copy(call.create(flat, shape), manager);
            return new Shelf(form, List.copyOf(owners), ids, null, manager);
        }
    }

    int size() {
        return owners.size();
    }

    /** Returns the same with what a model answers now. */
    Shelf answeredBy(GuardedModel model) {
        NDList pieces = new NDList();
        try (NDManager call = manager.newSubManager()) {
            for (int from = 0; from < size(); from += AT_ONCE) {
                int to = Math.min(size(), from + AT_ONCE);
                NDArray piece = ids.get(from + ":" + to);
                piece.attach(call);
                NDArray answer = model.predict(form.inputs(piece)).head();
                pieces.add(answer.reshape((long) to - from, form.length(), -1));
            }
            NDArray all = EngineMemory.copy(NDArrays.concat(pieces), manager);
            return new Shelf(form, owners, ids, all, manager);
        }
    }

    /** Returns some texts; reads nothing from the device. */
    ReplayedBatch batch(long[] rows, NDManager owner) {
        List<String> tasks = new ArrayList<>();
        for (long row : rows) {
            tasks.add(owners.get(Math.toIntExact(row)));
        }
        try (NDManager call = manager.newSubManager()) {
            NDArray index = call.create(rows);
            NDArray texts = ids.get(index);
            texts.attach(call);
            NDList predictions = new NDList();
            if (answers != null) {
                predictions.add(answers.get(index));
            }
            return ReplayedBatch.of(
                    given(form.inputs(texts), owner),
                    given(new NDList(form.labels(texts)), owner),
                    given(predictions, owner),
                    tasks,
                    owner);
        }
    }

    private static NDList given(NDList arrays, NDManager owner) {
        NDList given = new NDList();
        for (NDArray array : arrays) {
            NDArray there = array.toDevice(owner.getDevice(), false);
            there.attach(owner);
            given.add(there);
        }
        return given;
    }

    @Override
    public void close() {
        manager.close();
    }
}
