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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** One step of the student: towards what the best teacher answers to each input. */
final class Schooling {

    private final Faculty faculty;
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
        int all = parts.stream().mapToInt(Part::size).sum();
        if (all == 0) {
            throw new EngramException(
                    "There is nothing to learn from: the memory has no samples any more");
        }
        try (GradientCollector collector = collector(call)) {
            NDArray total = call.zeros(new Shape());
            for (Part part : parts) {
                total = total.add(Scaled.by((double) part.size() / all, loss(student, part)));
            }
            collector.backward(total);
        }
        student.step();
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

    /** Cuts a lesson by its teachers. */
    private List<Part> parts(Lesson lesson, NDManager call) {
        if (lesson.tasks().isEmpty()) {
            return new ArrayList<>(List.of(Part.of(lesson, overall)));
        }
        Map<Teacher, List<Long>> rows = new LinkedHashMap<>();
        for (int i = 0; i < lesson.tasks().size(); i++) {
            Teacher teacher = faculty.of(lesson.tasks().get(i));
            rows.computeIfAbsent(teacher, one -> new ArrayList<>()).add((long) i);
        }
        if (rows.size() == 1) {
            return List.of(Part.of(lesson, rows.keySet().iterator().next()));
        }
        List<Part> parts = new ArrayList<>();
        rows.forEach((teacher, own) -> parts.add(Part.of(some(lesson, own, call), teacher)));
        return parts;
    }

    private static Lesson some(Lesson lesson, List<Long> rows, NDManager call) {
        long[] which = rows.stream().mapToLong(Long::longValue).toArray();
        NDList labels =
                lesson.labels().isEmpty() ? new NDList() : Rows.of(lesson.labels(), which, call);
        return new Lesson(Rows.of(lesson.data(), which, call), labels, List.of());
    }

    /** Inputs, their teacher, and what it answers. */
    private record Part(Lesson lesson, Teacher teacher, NDArray taught) {

        static Part of(Lesson lesson, Teacher teacher) {
            return new Part(lesson, teacher, teacher.answers(lesson.data()));
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
            return Optional.of(of(new Lesson(data, new NDList(), List.of()), teacher));
        }

        private static boolean isReal(NDArray array) {
            return array.getDataType().isFloating();
        }

        int size() {
            return lesson.size();
        }
    }
}
