package dev.engram.generativereplay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.rows.SampleRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Samples that were made before a task begins, with what the model answered to them then: soft
 * targets, which dark experience replay takes instead of labels. It owns them; they are drawn from
 * as often as the task asks, and none is written down.
 */
final class AnsweredSamples implements AutoCloseable {

    private static final int AT_ONCE = 256;

    private final Task unwanted;
    private final List<ReplayedBatch> batches = new ArrayList<>();
    private final NDManager manager;
    private final int size;

    /**
     * Asks the model.
     *
     * @param unwanted the task that begins, of which none of the samples is
     * @param made owned by the manager
     * @param manager closed with this
     */
    AnsweredSamples(
            Task unwanted, List<ReplayedBatch> made, GuardedModel model, NDManager manager) {
        this.unwanted = unwanted;
        this.manager = manager;
        for (ReplayedBatch batch : made) {
            NDList answers = new NDList(answers(batch, model));
            batches.add(
                    ReplayedBatch.of(
                            batch.data(), batch.labels(), answers, batch.tasks(), manager));
        }
        this.size = batches.stream().mapToInt(ReplayedBatch::size).sum();
    }

    boolean isFor(Task task) {
        return unwanted.equals(task);
    }

    /** Draws; the manager owns the copies. */
    List<ReplayedBatch> draw(int count, SplittableRandom random, NDManager owner) {
        int[] chosen = random.ints(count, 0, size).sorted().toArray();
        List<ReplayedBatch> drawn = new ArrayList<>();
        int before = 0;
        int next = 0;
        for (ReplayedBatch batch : batches) {
            int from = next;
            while (next < chosen.length && chosen[next] < before + batch.size()) {
                chosen[next] -= before;
                next++;
            }
            if (next > from) {
                drawn.add(rows(batch, Arrays.copyOfRange(chosen, from, next), owner));
            }
            before += batch.size();
        }
        return drawn;
    }

    private static ReplayedBatch rows(ReplayedBatch batch, int[] which, NDManager owner) {
        List<String> tasks = new ArrayList<>();
        for (int row : which) {
            tasks.add(batch.tasks().get(row));
        }
        return ReplayedBatch.of(
                new NDList(Catalog.rows(batch.data().head(), which, owner)),
                new NDList(Catalog.rows(batch.labels().head(), which, owner)),
                new NDList(Catalog.rows(batch.predictions().head(), which, owner)),
                tasks,
                owner);
    }

    private NDArray answers(ReplayedBatch batch, GuardedModel model) {
        NDList pieces = new NDList();
        try (NDManager call = manager.newSubManager()) {
            for (int from = 0; from < batch.size(); from += AT_ONCE) {
                int to = Math.min(batch.size(), from + AT_ONCE);
                NDArray piece =
                        SampleRows.of(batch.data().head(), batch.size(), from, to).duplicate();
                piece.attach(call);
                NDArray answer = model.predict(new NDList(piece)).head();
                requireOneEach(answer, to - from);
                pieces.add(answer);
            }
            NDArray all = NDArrays.concat(pieces);
            all.attach(manager);
            return all;
        }
    }

    private static void requireOneEach(NDArray answer, int samples) {
        if (SampleRows.perSample(answer, samples) != 1) {
            throw new EngramException(
                    "answers keeps one answer a sample, but the model predicts %s for %d samples: leave it out"
                            .formatted(answer.getShape(), samples));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
