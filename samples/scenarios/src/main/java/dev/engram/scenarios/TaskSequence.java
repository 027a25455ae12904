package dev.engram.scenarios;

import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.Images;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The tasks of an experiment, made when they are needed.
 *
 * @param scenario what is known at test time
 * @param names the tasks' names, in the order of learning
 * @param features inputs of the model
 * @param outputs outputs of the model
 * @param maker makes a task from its index
 */
public record TaskSequence(
        Scenario scenario,
        List<String> names,
        int features,
        int outputs,
        IntFunction<ScenarioTask> maker) {

    private static final double HALF_TURN = 180;

    /** Makes one task. */
    public ScenarioTask task(int index) {
        return maker.apply(index);
    }

    /**
     * Splits the classes among tasks, in an order shuffled by the seed.
     *
     * @param classesPerTask how many each task has
     */
    public static TaskSequence split(
            TrainAndTest data, Scenario scenario, int classesPerTask, long seed) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, data.train().classes()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        int tasks = order.size() / classesPerTask;
        if (tasks < 2) {
            throw new BadInputException(
                    "The data has " + order.size() + " classes: too few to split into two tasks");
        }
        List<List<Integer>> groups =
                IntStream.range(0, tasks)
                        .mapToObj(i -> order.subList(i * classesPerTask, (i + 1) * classesPerTask))
                        .toList();
        List<String> names = groups.stream().map(group -> "digits " + join(group)).toList();
        return new TaskSequence(
                scenario,
                names,
                data.train().features(),
                outputs(scenario, tasks, classesPerTask),
                index -> {
                    int first = first(scenario, index, classesPerTask);
                    return new ScenarioTask(
                            names.get(index),
                            only(data.train(), groups.get(index), first),
                            only(data.test(), groups.get(index), first),
                            first,
                            first + classesPerTask);
                });
    }

    /**
     * Gives each task all classes, with the pixels in an order of its own; the first as they are.
     */
    public static TaskSequence permuted(
            TrainAndTest data, Scenario scenario, int tasks, long seed) {
        List<String> names =
                IntStream.range(0, tasks)
                        .mapToObj(i -> i == 0 ? "original" : "permutation " + i)
                        .toList();
        return ofAllClasses(
                data,
                scenario,
                names,
                (index, first) -> {
                    int[] order = order(data.train().features(), index, seed);
                    return images -> shift(images, order, first);
                });
    }

    /** Gives each task all classes, in images that are turned by an angle of its own below 180. */
    public static TaskSequence rotated(TrainAndTest data, Scenario scenario, int tasks, long seed) {
        double[] angles = IntStream.range(0, tasks).mapToDouble(i -> angle(i, seed)).toArray();
        List<String> names =
                IntStream.range(0, tasks)
                        .mapToObj(i -> "turned %d (%d)".formatted(Math.round(angles[i]), i + 1))
                        .toList();
        return ofAllClasses(
                data,
                scenario,
                names,
                (index, first) -> images -> turn(images, angles[index], first));
    }

    /**
     * Gives each task all classes.
     *
     * @param change what is done to the images of a task, by its place and its first output
     */
    private static TaskSequence ofAllClasses(
            TrainAndTest data,
            Scenario scenario,
            List<String> names,
            BiFunction<Integer, Integer, UnaryOperator<Images>> change) {
        int classes = data.train().classes();
        return new TaskSequence(
                scenario,
                names,
                data.train().features(),
                outputs(scenario, names.size(), classes),
                index -> {
                    int first = first(scenario, index, classes);
                    UnaryOperator<Images> own = change.apply(index, first);
                    return new ScenarioTask(
                            names.get(index),
                            own.apply(data.train()),
                            own.apply(data.test()),
                            first,
                            first + classes);
                });
    }

    private static double angle(int index, long seed) {
        // Seeds that are near each other begin alike.
        return new Random((seed * 1000 + index) * 0x9E3779B97F4A7C15L).nextDouble() * HALF_TURN;
    }

    private static Images turn(Images all, double degrees, int first) {
        return all.rotate(
                degrees, IntStream.of(all.labels()).map(label -> first + label).toArray());
    }

    private static int outputs(Scenario scenario, int tasks, int classesPerTask) {
        return scenario == Scenario.DOMAIN ? classesPerTask : tasks * classesPerTask;
    }

    private static int first(Scenario scenario, int index, int classesPerTask) {
        return scenario == Scenario.DOMAIN ? 0 : index * classesPerTask;
    }

    private static String join(List<Integer> group) {
        return String.join("/", group.stream().map(String::valueOf).toList());
    }

    private static Images only(Images all, List<Integer> group, int first) {
        int[] chosen =
                IntStream.range(0, all.count())
                        .filter(i -> group.contains(all.labels()[i]))
                        .toArray();
        int[] labels =
                IntStream.of(chosen).map(i -> first + group.indexOf(all.labels()[i])).toArray();
        return all.select(chosen, labels);
    }

    private static Images shift(Images all, int[] order, int first) {
        return all.permute(order, IntStream.of(all.labels()).map(label -> first + label).toArray());
    }

    private static int[] order(int features, int index, long seed) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, features).boxed().toList());
        if (index > 0) {
            Collections.shuffle(order, new Random(seed * 1000 + index));
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }
}
