package dev.engram.generativereplay.internal.statistics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Samples in groups that lie together: k-means, begun as k-means++ (Arthur and Vassilvitskii 2007),
 * without groups of few samples.
 *
 * <p>Distances are taken on the device; which sample is nearest to which centre is read, so it
 * waits.
 */
public final class Clusters {

    private static final int ROUNDS = 10;

    private final NDArray rows;
    private final int count;
    private final int least;
    private final SplittableRandom random;

    private Clusters(NDArray rows, int least, SplittableRandom random) {
        this.rows = rows;
        this.count = Math.toIntExact(rows.getShape().get(0));
        this.least = least;
        this.random = random;
    }

    /**
     * Returns the samples of each group.
     *
     * @param rows one sample a row
     * @param most how many groups there may be
     * @param least how many samples a group has at least, if there are so many
     */
    public static List<int[]> of(NDArray rows, int most, int least, SplittableRandom random) {
        Clusters clusters = new Clusters(rows, least, random);
        int wanted = Math.max(1, Math.min(most, clusters.count / least));
        return clusters.groups(wanted);
    }

    private List<int[]> groups(int wanted) {
        try (NDManager call = rows.getManager().newSubManager()) {
            NDArray centres = first(wanted, call);
            List<int[]> groups = nearest(centres, call);
            for (int round = 0; round < ROUNDS; round++) {
                groups = nearest(means(groups, call), call);
            }
            while (groups.size() > 1 && smallest(groups).length < least) {
                groups.remove(smallest(groups));
                groups = nearest(means(groups, call), call);
            }
            return groups;
        }
    }

    private static int[] smallest(List<int[]> groups) {
        int[] smallest = groups.get(0);
        for (int[] group : groups) {
            smallest = group.length < smallest.length ? group : smallest;
        }
        return smallest;
    }

    /** Draws centres among the samples, each the likelier the farther it is from those so far. */
    private NDArray first(int wanted, NDManager call) {
        List<Integer> chosen = new ArrayList<>(List.of(random.nextInt(count)));
        double[] distances = new double[count];
        Arrays.fill(distances, Double.MAX_VALUE);
        while (chosen.size() < wanted) {
            add(chosen.get(chosen.size() - 1), distances);
            double sum = Arrays.stream(distances).sum();
            if (!(sum > 0)) {
                break;
            }
            chosen.add(at(random.nextDouble() * sum, distances));
        }
        long[] index = chosen.stream().mapToLong(Integer::longValue).toArray();
        return rows.get(call.create(index));
    }

    private void add(int centre, double[] distances) {
        try (NDManager step = rows.getManager().newSubManager()) {
            NDArray here = rows.get(centre);
            here.attach(step);
            NDArray way = rows.sub(here);
            way.attach(step);
            float[] found = way.square().sum(new int[] {1}).toFloatArray();
            for (int i = 0; i < found.length; i++) {
                distances[i] = Math.min(distances[i], found[i]);
            }
        }
    }

    private static int at(double place, double[] weights) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            if (sum > place) {
                return i;
            }
        }
        return weights.length - 1;
    }

    /** Returns the samples that are nearest to each centre, without centres that have none. */
    private List<int[]> nearest(NDArray centres, NDManager call) {
        try (NDManager step = call.newSubManager()) {
            centres.attach(step);
            NDArray half = centres.square().sum(new int[] {1}).mul(0.5f);
            NDArray likeness = rows.matMul(centres.transpose());
            likeness.attach(step);
            long[] which = likeness.sub(half).argMax(1).toLongArray();
            int groups = Math.toIntExact(centres.getShape().get(0));
            List<int[]> found = new ArrayList<>();
            for (int group = 0; group < groups; group++) {
                int wanted = group;
                int[] members = IntStream.range(0, count).filter(i -> which[i] == wanted).toArray();
                if (members.length > 0) {
                    found.add(members);
                }
            }
            return found;
        }
    }

    private NDArray means(List<int[]> groups, NDManager call) {
        float[] shares = new float[groups.size() * count];
        for (int group = 0; group < groups.size(); group++) {
            for (int member : groups.get(group)) {
                shares[group * count + member] = 1f / groups.get(group).length;
            }
        }
        try (NDArray mixing = call.create(shares, new Shape(groups.size(), count))) {
            NDArray means = mixing.matMul(rows);
            means.attach(call);
            return means;
        }
    }
}
