package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.rows.SampleRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples that were made before a task begins, with what a teacher answered to them then: soft
 * targets, which dark experience replay takes instead of labels. It owns them; they are drawn from
 * as often as the task asks, and none is written down.
 */
final class AnsweredSamples implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AnsweredSamples.class);
    private static final int AT_ONCE = 256;

    private final Task unwanted;
    private final List<ReplayedBatch> batches = new ArrayList<>();
    private final NDManager manager;
    private final int size;

    /**
     * Asks.
     *
     * @param unwanted the task that begins, of which none of the samples is
     * @param made owned by the manager
     * @param teacher who answers
     * @param mustAgree whether samples go that are answered with another class
     * @param manager closed with this
     */
    AnsweredSamples(
            Task unwanted,
            List<ReplayedBatch> made,
            UnaryOperator<NDList> teacher,
            boolean mustAgree,
            NDManager manager) {
        this.unwanted = unwanted;
        this.manager = manager;
        for (ReplayedBatch batch : made) {
            NDList answers = new NDList(answers(batch, teacher));
            batches.add(
                    ReplayedBatch.of(
                            batch.data(), batch.labels(), answers, batch.tasks(), manager));
        }
        if (mustAgree) {
            keepAgreed();
        }
        this.size = batches.stream().mapToInt(ReplayedBatch::size).sum();
    }

    private void keepAgreed() {
        List<ReplayedBatch> agreed = new ArrayList<>();
        for (ReplayedBatch batch : batches) {
            int[] rows = Agreement.of(batch.labels().head(), batch.predictions().head());
            if (rows.length > 0) {
                agreed.add(rows(batch, rows, manager));
            }
        }
        int all = batches.stream().mapToInt(ReplayedBatch::size).sum();
        int kept = agreed.stream().mapToInt(ReplayedBatch::size).sum();
        LOG.info(
                "Generative replay: {} of {} samples were taken for what they were made",
                kept,
                all);
        if (kept == 0) {
            LOG.warn(
                    "Generative replay: none of {} samples is answered with the class that it was"
                        + " made for, so all are rehearsed: are the teacher's answers one number a"
                        + " class, in the order of the labels?",
                    all);
        } else {
            batches.clear();
            batches.addAll(agreed);
        }
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
                new NDList(Rows.of(batch.data().head(), which, owner)),
                new NDList(Rows.of(batch.labels().head(), which, owner)),
                new NDList(Rows.of(batch.predictions().head(), which, owner)),
                tasks,
                owner);
    }

    private NDArray answers(ReplayedBatch batch, UnaryOperator<NDList> teacher) {
        NDList pieces = new NDList();
        try (NDManager call = manager.newSubManager()) {
            for (int from = 0; from < batch.size(); from += AT_ONCE) {
                int to = Math.min(batch.size(), from + AT_ONCE);
                NDArray piece =
                        SampleRows.of(batch.data().head(), batch.size(), from, to).duplicate();
                piece.attach(call);
                NDArray answer = teacher.apply(new NDList(piece)).head();
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
