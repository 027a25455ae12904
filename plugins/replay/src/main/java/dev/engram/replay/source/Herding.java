package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.replay.selection.Budget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Chooses samples of a finished task whose mean of features stays closest to that of their class
 * (Rebuffi et al. 2017, algorithm 4).
 *
 * <p>Features are {@link FinishedTask#features}, scaled to length 1. The order of choice is the
 * order of importance: a smaller budget later keeps the first of them. A sample that the listener
 * kept in several epochs is a candidate once.
 */
final class Herding {

    private static final int BATCH = 256;

    private final FinishedTask task;
    private final Budget budget;
    private final Map<String, List<Candidate>> candidates = new TreeMap<>();

    Herding(FinishedTask task, Budget budget) {
        this.task = task;
        this.budget = budget;
    }

    void keepIn(Intake intake) {
        collect(intake);
        Map<Candidate, Long> ranks = new HashMap<>();
        candidates.values().forEach(ofClass -> rank(ofClass, ranks));
        int number = 0;
        for (SampleBatch batch : task.samples(BATCH)) {
            ObservedBatch seen = observed(batch, task.predict(batch.data()));
            List<Intake.Pick> picks = new ArrayList<>();
            for (List<Candidate> ofClass : candidates.values()) {
                for (Candidate candidate : ofClass) {
                    Long rank = ranks.get(candidate);
                    if (rank != null && candidate.batch == number) {
                        picks.add(new Intake.Pick(candidate.row, rank, candidate.group, null));
                    }
                }
            }
            intake.keep(seen, picks);
            number++;
        }
    }

    private void collect(Intake intake) {
        int number = 0;
        Set<Long> seen = new HashSet<>();
        for (SampleBatch batch : task.samples(BATCH)) {
            NDList predictions = task.predict(batch.data());
            List<String> groups = intake.groups(observed(batch, predictions), batch.size());
            float[][] features = features(batch);
            long[] digests = intake.digests(observed(batch, predictions), batch.size());
            for (int row = 0; row < batch.size(); row++) {
                if (!seen.add(digests[row])) {
                    continue;
                }
                candidates
                        .computeIfAbsent(groups.get(row), group -> new ArrayList<>())
                        .add(new Candidate(number, row, groups.get(row), features[row]));
            }
            number++;
        }
    }

    private ObservedBatch observed(SampleBatch batch, NDList predictions) {
        return ObservedBatch.of(
                task.task(), batch.data(), batch.labels(), predictions, batch.subjects());
    }

    private float[][] features(SampleBatch batch) {
        NDArray features = task.features(batch.data());
        NDArray flat = features.reshape(new Shape(batch.size(), -1));
        float[] all = flat.toType(DataType.FLOAT32, false).toFloatArray();
        int width = all.length / batch.size();
        float[][] rows = new float[batch.size()][width];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(all, row * width, rows[row], 0, width);
            scale(rows[row]);
        }
        return rows;
    }

    private static void scale(float[] row) {
        double square = 0;
        for (float value : row) {
            square += value * value;
        }
        float length = (float) Math.sqrt(square);
        for (int i = 0; i < row.length && length > 0; i++) {
            row[i] /= length;
        }
    }

    /** Ranks the samples of a class: each next one brings the mean of the chosen nearest. */
    private void rank(List<Candidate> ofClass, Map<Candidate, Long> ranks) {
        double[] mean = mean(ofClass);
        double[] sum = new double[mean.length];
        List<Candidate> left = new ArrayList<>(ofClass);
        long most = Math.min(budget.samples(), budget.samplesAClass());
        for (long rank = 0; rank < most && !left.isEmpty(); rank++) {
            Candidate best = nearest(left, mean, sum, rank + 1);
            left.remove(best);
            ranks.put(best, rank);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += best.features[i];
            }
        }
    }

    private static Candidate nearest(
            List<Candidate> left, double[] mean, double[] sum, long count) {
        Candidate best = left.get(0);
        double least = Double.MAX_VALUE;
        for (Candidate candidate : left) {
            double distance = 0;
            for (int i = 0; i < mean.length; i++) {
                double gap = mean[i] - (sum[i] + candidate.features[i]) / count;
                distance += gap * gap;
            }
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    private static double[] mean(List<Candidate> ofClass) {
        double[] mean = new double[ofClass.get(0).features.length];
        for (Candidate candidate : ofClass) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += candidate.features[i] / ofClass.size();
            }
        }
        return mean;
    }

    /** A sample that may be chosen, and where it stands. */
    private static final class Candidate {

        final int batch;
        final int row;
        final String group;
        final float[] features;

        Candidate(int batch, int row, String group, float[] features) {
            this.batch = batch;
            this.row = row;
            this.group = group;
            this.features = features;
        }
    }
}
