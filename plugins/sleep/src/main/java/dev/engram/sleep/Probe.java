package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.sleep.internal.inputs.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Samples of a task with their labels: by one half teachers and states of the student are chosen,
 * by the other the result is judged, so that no luck of the choice counts as a rise.
 */
final class Probe {

    private final String task;
    private final Answers answers;
    private final List<Cut> choosing = new ArrayList<>();
    private final List<Cut> judging = new ArrayList<>();
    private int seen;

    Probe(String task, Answers answers) {
        this.task = task;
        this.answers = answers;
    }

    String task() {
        return task;
    }

    /** Takes every second sample for either half, also where a batch has but one. */
    void add(NDList data, NDList labels, NDManager owner) {
        if (labels.isEmpty()) {
            throw new EngramException(
                    "The probe of task \"%s\" has no labels: give addProbe a data set with them"
                            .formatted(task));
        }
        int size = Math.toIntExact(data.head().getShape().get(0));
        add(choosing, data, labels, Rows.everySecond(size, seen % 2), owner);
        add(judging, data, labels, Rows.everySecond(size, 1 - seen % 2), owner);
        seen += size;
    }

    private static void add(
            List<Cut> half, NDList data, NDList labels, long[] rows, NDManager owner) {
        if (rows.length > 0) {
            half.add(new Cut(Rows.copied(data, rows, owner), Rows.copied(labels, rows, owner)));
        }
    }

    /**
     * Checks that both halves can tell something.
     *
     * @throws EngramException if not
     */
    void requireEnough() {
        if (choosing.isEmpty() || judging.isEmpty()) {
            throw new EngramException(
                    "The probe of task \"%s\" has too few samples: half of them choose, half judge. Give some hundreds."
                            .formatted(task));
        }
    }

    /** Returns the scores of the half that chooses. */
    double[] choose(UnaryOperator<NDList> model) {
        return scores(choosing, model);
    }

    /** Returns the scores of the half that judges. */
    double[] judge(UnaryOperator<NDList> model) {
        return scores(judging, model);
    }

    private double[] scores(List<Cut> half, UnaryOperator<NDList> model) {
        List<double[]> found = half.stream().map(cut -> scores(cut, model)).toList();
        return found.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private double[] scores(Cut cut, UnaryOperator<NDList> model) {
        try (NDManager call = cut.data().head().getManager().newSubManager()) {
            NDList inputs = Rows.handles(cut.data(), call);
            NDArray labels = Rows.handles(cut.labels(), call).head();
            NDArray scores = answers.scores(labels, model.apply(inputs).head());
            float[] values = scores.toFloatArray();
            double[] wide = new double[values.length];
            Arrays.setAll(wide, i -> values[i]);
            return wide;
        }
    }

    /** One batch of a half. */
    private record Cut(NDList data, NDList labels) {}
}
