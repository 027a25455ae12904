package dev.engram.sleep;

import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The teachers, each for what it is best at: for inputs of a task the one that answers its probe
 * best, for others the one that is best on the whole. Where several are as good, it is the first.
 */
final class Faculty {

    private final List<Probe> probes;
    private final List<Graded> graded = new ArrayList<>();

    Faculty(List<Probe> probes) {
        this.probes = probes;
    }

    /** Takes a teacher in, and returns a line about how good it is. */
    String add(Teacher teacher) {
        Grades grades = grades(teacher.model());
        graded.add(new Graded(teacher, grades));
        return teacher.name() + " " + grades;
    }

    /** Returns whether a teacher is the best at anything. */
    boolean needs(Teacher teacher, double tolerance) {
        return teacher == overall()
                || teacher == first(tolerance)
                || probes.stream().anyMatch(probe -> of(probe.task()) == teacher);
    }

    /** Lets a teacher go. */
    void drop(Teacher teacher) {
        graded.removeIf(one -> one.teacher() == teacher);
    }

    /** Returns how good a model is on the halves of the probes that choose. */
    Grades grades(UnaryOperator<NDList> model) {
        Map<String, Double> means = new LinkedHashMap<>();
        for (Probe probe : probes) {
            means.put(probe.task(), Arrays.stream(probe.choose(model)).average().orElse(0));
        }
        return new Grades(means);
    }

    /** Returns the teacher for inputs of a task. */
    Teacher of(String task) {
        Graded best = graded.get(0);
        for (Graded one : graded) {
            if (one.grades().of(task) > best.grades().of(task)) {
                best = one;
            }
        }
        return best.teacher();
    }

    /** Returns the teacher for inputs of which nobody knows the task. */
    Teacher overall() {
        return of("");
    }

    /** Returns the grades of the model as it was before. */
    Grades before() {
        return graded.get(0).grades();
    }

    /**
     * Returns the teacher with whose weights the student begins: the best on the whole of those
     * with which no task falls.
     *
     * @param tolerance by how much a task may be lower
     */
    Teacher first(double tolerance) {
        Graded best = graded.get(0);
        for (Graded one : graded) {
            boolean may =
                    !one.teacher().weights().isEmpty()
                            && one.grades().worstFall(before()) <= tolerance;
            if (may && one.grades().mean() > best.grades().mean()) {
                best = one;
            }
        }
        return best.teacher();
    }

    /** Returns whether any teacher is better at a task than the model is that sleeps. */
    boolean knowsMore() {
        return probes.stream()
                .anyMatch(
                        probe ->
                                graded.stream()
                                        .anyMatch(
                                                one ->
                                                        one.grades().of(probe.task())
                                                                > before().of(probe.task())));
    }

    /** A teacher, and how good it is. */
    private record Graded(Teacher teacher, Grades grades) {}

    /**
     * How good a model is.
     *
     * @param means of the scores, by task
     */
    record Grades(Map<String, Double> means) {

        double mean() {
            return means.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }

        /** Returns the mean score of a task, or, of one without a probe, of all. */
        double of(String task) {
            return means.getOrDefault(task, mean());
        }

        /** Returns by how much the task that fell furthest fell, 0 if none did. */
        double worstFall(Grades before) {
            return means.entrySet().stream()
                    .mapToDouble(one -> before.of(one.getKey()) - one.getValue())
                    .reduce(0, Math::max);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            text.append(String.format(Locale.ROOT, "%.4f on the whole:", mean()));
            means.forEach(
                    (task, mean) ->
                            text.append(String.format(Locale.ROOT, " %s %.4f,", task, mean)));
            text.setLength(text.length() - 1);
            return text.toString();
        }
    }
}
