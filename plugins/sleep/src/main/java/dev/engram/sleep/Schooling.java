package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.kit.autograd.Scaled;
import dev.engram.sleep.internal.inputs.Lesson;
import dev.engram.sleep.internal.inputs.Rows;
import dev.engram.sleep.internal.weights.Student;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** One step of the student: towards what the best teacher answers to each input. */
final class Schooling {

    private static final String NOBODYS = "";
    private static final double MORE = 1.5;
    private static final double LESS = 1.2;
    private static final double MOST = 20;

    private final Faculty faculty;
    private final Map<String, Double> urgency = new HashMap<>();
    private final Teacher overall;
    private final Answers answers;
    private final double temperature;
    private final double byLabels;
    private final boolean mixes;
    private final SplittableRandom random;
    private final Loss loss;

    Schooling(Faculty faculty, Sleep.Builder settings) {
        this.faculty = faculty;
        this.overall = faculty.overall();
        this.answers = settings.answers;
        this.temperature = settings.temperature;
        this.byLabels = settings.labels;
        this.loss = settings.loss;
        this.mixes = settings.mixes;
        this.random = new SplittableRandom(settings.seed);
    }

    void step(Student student, List<Lesson> lessons, NDManager call) {
        List<Part> parts = new ArrayList<>();
        lessons.forEach(lesson -> parts.addAll(parts(lesson, call)));
        if (mixes) {
            List.copyOf(parts).forEach(part -> part.mixed(random, call).ifPresent(parts::add));
        }
        double all = parts.stream().mapToDouble(this::weight).sum();
        if (all == 0) {
            throw new EngramException(
                    "There is nothing to learn from: the memory has no samples any more");
        }
        try (GradientCollector collector = collector(call)) {
            NDArray total = call.zeros(new Shape());
            for (Part part : parts) {
                total = total.add(Scaled.by(weight(part) / all, loss(student, part)));
            }
            collector.backward(total);
        }
        student.step();
    }

    private double weight(Part part) {
        return part.size() * urgency.getOrDefault(part.task(), 1.0);
    }

    /** From here on a task that has fallen counts for more, and one that has not for less again. */
    void weigh(Faculty.Grades before, Faculty.Grades now) {
        now.means()
                .forEach(
                        (task, mean) -> {
                            double last = urgency.getOrDefault(task, 1.0);
                            double next = before.of(task) > mean ? last * MORE : last / LESS;
                            urgency.put(task, Math.max(1, Math.min(MOST, next)));
                        });
    }

    private static GradientCollector collector(NDManager call) {
        try {
            return call.getEngine().newGradientCollector();
        } catch (IllegalStateException e) {
            throw new EngramException(
                    "Something trains in this process, and PyTorch in DJL has one gradient"
                            + " collector in all: let the model sleep when nothing trains",
                    e);
        }
    }

    private NDArray loss(Student student, Part part) {
        NDList predictions = student.predict(part.lesson().data());
        NDArray taught = answers.distance(part.taught(), predictions.head(), temperature);
        if (byLabels == 0 || part.lesson().labels().isEmpty()) {
            return taught;
        }
        NDArray told = loss.evaluate(part.lesson().labels(), predictions);
        return Scaled.by(1 - byLabels, taught).add(Scaled.by(byLabels, told));
    }

    /** Cuts a lesson by its tasks. */
    private List<Part> parts(Lesson lesson, NDManager call) {
        Map<String, long[]> rows = Rows.byTask(lesson.tasks());
        if (rows.isEmpty()) {
            return List.of(Part.of(lesson, NOBODYS, overall));
        }
        List<Part> parts = new ArrayList<>();
        rows.forEach(
                (task, own) -> parts.add(Part.of(some(lesson, own, call), task, faculty.of(task))));
        return parts;
    }

    private static Lesson some(Lesson lesson, long[] rows, NDManager call) {
        NDList labels =
                lesson.labels().isEmpty() ? new NDList() : Rows.of(lesson.labels(), rows, call);
        return new Lesson(Rows.of(lesson.data(), rows, call), labels, List.of());
    }

    /** Inputs of a task, their teacher, and what it answers. */
    private record Part(Lesson lesson, String task, Teacher teacher, NDArray taught) {

        static Part of(Lesson lesson, String task, Teacher teacher) {
            return new Part(lesson, task, teacher, teacher.answers(lesson.data()));
        }

        /**
         * Returns inputs between these, with what the teacher answers to them; if they are real.
         */
        Optional<Part> mixed(SplittableRandom random, NDManager call) {
            if (size() < 2 || !lesson.data().stream().allMatch(Part::isReal)) {
                return Optional.empty();
            }
            double share = random.nextDouble();
            long[] others = random.longs(size(), 0, size()).toArray();
            NDList data = new NDList();
            NDList with = Rows.of(lesson.data(), others, call);
            for (int i = 0; i < with.size(); i++) {
                NDArray own = lesson.data().get(i);
                NDArray mixed = own.mul(share).add(with.get(i).mul(1 - share));
                mixed.setName(own.getName());
                data.add(mixed);
            }
            return Optional.of(of(new Lesson(data, new NDList(), List.of()), task, teacher));
        }

        private static boolean isReal(NDArray array) {
            return array.getDataType().isFloating();
        }

        int size() {
            return lesson.size();
        }
    }
}
