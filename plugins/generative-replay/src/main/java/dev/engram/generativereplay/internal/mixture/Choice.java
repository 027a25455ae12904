package dev.engram.generativereplay.internal.mixture;

import dev.engram.api.task.Task;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which components are drawn from: tasks all alike, the classes of a task as often as its samples
 * had them.
 *
 * <p>A draw goes through all components in even steps from a random beginning, so that each comes
 * as often as it should, up to one.
 */
public final class Choice {

    private final Task unwanted;
    private final double[] upTo;
    private final int[] catalogs;
    private final int[] components;

    /**
     * Creates the choice.
     *
     * @param unwanted the task that nothing is drawn of
     */
    public Choice(List<Catalog> all, Task unwanted) {
        this.unwanted = unwanted;
        int count = all.stream().mapToInt(catalog -> catalog.owners().size()).sum();
        this.upTo = new double[count];
        this.catalogs = new int[count];
        this.components = new int[count];
        Map<String, Long> samples = samples(all);
        int next = 0;
        double sum = 0;
        for (int which = 0; which < all.size(); which++) {
            Catalog catalog = all.get(which);
            for (int component = 0; component < catalog.owners().size(); component++) {
                sum += weight(catalog, component, samples);
                upTo[next] = sum;
                catalogs[next] = which;
                components[next++] = component;
            }
        }
    }

    /** Returns whether it leaves out just this task. */
    public boolean isFor(Task task) {
        return unwanted.equals(task);
    }

    /** Returns whether there is anything to draw. */
    public boolean isEmpty() {
        return total() == 0;
    }

    /** Draws; returns the components by the catalog that they are in, in its order. */
    public Map<Integer, int[]> draw(int size, SplittableRandom random) {
        Map<Integer, IntStream.Builder> chosen = new TreeMap<>();
        double begin = random.nextDouble();
        int at = 0;
        for (int i = 0; i < size; i++) {
            double place = (begin + i) / size * total();
            while (at < upTo.length - 1 && upTo[at] <= place) {
                at++;
            }
            chosen.computeIfAbsent(catalogs[at], unknown -> IntStream.builder())
                    .add(components[at]);
        }
        Map<Integer, int[]> drawn = new TreeMap<>();
        chosen.forEach((catalog, which) -> drawn.put(catalog, which.build().toArray()));
        return drawn;
    }

    private double total() {
        return upTo.length == 0 ? 0 : upTo[upTo.length - 1];
    }

    private double weight(Catalog catalog, int component, Map<String, Long> samples) {
        ClassOfTask of = catalog.classes().get(catalog.owners().get(component));
        if (of.isOf(unwanted) || of.samples() == 0) {
            return 0;
        }
        return (double) catalog.weights().get(component) / samples.getOrDefault(of.task(), 1L);
    }

    private static Map<String, Long> samples(List<Catalog> all) {
        Map<String, Long> samples = new HashMap<>();
        for (Catalog catalog : all) {
            catalog.classes().forEach(one -> samples.merge(one.task(), one.samples(), Long::sum));
        }
        return samples;
    }
}
