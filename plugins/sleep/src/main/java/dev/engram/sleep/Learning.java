package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.sleep.internal.inputs.Lesson;
import dev.engram.sleep.internal.inputs.Lessons;
import dev.engram.sleep.internal.pace.Deadline;
import dev.engram.sleep.internal.weights.Line;
import dev.engram.sleep.internal.weights.Passes;
import dev.engram.sleep.internal.weights.SleepFiles;
import dev.engram.sleep.internal.weights.Student;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets a student learn until the time is over, it gets no better, or the thread is interrupted; the
 * best of its states is kept, by the halves of the probes that choose.
 */
final class Learning {

    /** How much of a progress bar is all of it. */
    static final long PROGRESS = 1000;

    /** Where on a line between two states it is looked for a better one. */
    static final List<Double> SHARES = List.of(0.25, 0.5, 0.75);

    private static final double SHORTER = 1.0 / 3;

    private final Sleep.Builder settings;
    private final Faculty faculty;
    private final List<Lessons> lessons;
    private final Deadline deadline;
    private final @Nullable SleepFiles files;
    private final String base;
    private long steps;
    private int inVain;
    private int slowed;
    private double best;
    private Faculty.@Nullable Grades highest;
    private long highestAt;
    private @Nullable Map<String, NDArray> learnt;
    private @Nullable NDManager keeper;
    private long written = System.nanoTime();

    Learning(
            Sleep.Builder settings,
            Faculty faculty,
            List<Lessons> lessons,
            Deadline deadline,
            @Nullable SleepFiles files,
            String base) {
        this.settings = settings;
        this.faculty = faculty;
        this.lessons = lessons;
        this.deadline = deadline;
        this.files = files;
        this.base = base;
    }

    /**
     * Returns the best state, which belongs to the manager; nothing if none was any better.
     *
     * @param before what the model was
     * @param begin what the student is in the beginning
     */
    Optional<Map<String, NDArray>> run(
            Passes passes,
            Map<String, NDArray> before,
            Map<String, NDArray> begin,
            NDManager manager) {
        Schooling schooling = new Schooling(faculty, settings);
        try (Student student = new Student(passes, begin, manager, settings.learningRate)) {
            look(student, manager);
            while (goesOn()) {
                step(schooling, student, manager);
                if (steps % settings.lookEvery == 0) {
                    schooling.weigh(faculty.before(), look(student, manager));
                    slow(student);
                }
                checkpoint(student, manager);
            }
            if (steps % settings.lookEvery != 0) {
                look(student, manager);
            }
            if (isInterrupted()) {
                write(student, manager);
            } else {
                lookBack(passes, before, student, manager);
            }
        }
        return Optional.ofNullable(learnt);
    }

    private boolean goesOn() {
        return !isInterrupted()
                && !deadline.isOver()
                && steps < settings.steps
                && inVain < settings.patience;
    }

    private void step(Schooling schooling, Student student, NDManager manager) {
        try (NDManager call = manager.newSubManager()) {
            List<Lesson> all = new ArrayList<>();
            lessons.forEach(from -> all.addAll(from.next(call)));
            schooling.step(student, all, call);
        }
        steps++;
    }

    /** Keeps the state if it is the best so far, and no task falls with it. */
    private Faculty.Grades look(Student student, NDManager manager) {
        Faculty.Grades now = faculty.grades(student::predict);
        tell(now);
        boolean isKept = consider(now, student::copy, manager);
        // A task that fell in the beginning comes back late, while the others go on rising.
        inVain = isHighest(now) || isKept ? 0 : inVain + 1;
        return now;
    }

    private boolean isHighest(Faculty.Grades now) {
        Faculty.Grades last = highest;
        if (last != null && !(now.mean() > last.mean())) {
            return false;
        }
        highest = now;
        highestAt = steps;
        return true;
    }

    /** What no longer rises may only have steps too long for it. */
    private void slow(Student student) {
        int part = Math.max(1, settings.patience / 3);
        if (slowed < 2 && inVain > 0 && inVain % part == 0) {
            student.slow(SHORTER);
            slowed++;
        }
    }

    /** Says how good the student was when it was best on the whole, whether or not a task fell. */
    String told() {
        return "student, best on the whole after %d of %d steps: %s"
                .formatted(highestAt, steps, highest);
    }

    /** A task that falls with what was learnt may not fall with a part of it. */
    private void lookBack(
            Passes passes, Map<String, NDArray> before, Student student, NDManager manager) {
        try (NDManager call = manager.newSubManager()) {
            Map<String, NDArray> end = student.copy(call);
            for (double share : SHARES) {
                Map<String, NDArray> point = Line.at(share, before, end, call);
                consider(
                        faculty.grades(inputs -> passes.predict(point, inputs)),
                        owner -> Line.at(share, before, end, owner),
                        manager);
            }
        }
    }

    private boolean consider(
            Faculty.Grades now, Function<NDManager, Map<String, NDArray>> copy, NDManager owner) {
        double gain = now.mean() - faculty.before().mean();
        if (now.worstFall(faculty.before()) > settings.tolerance() || !(gain > best)) {
            return false;
        }
        best = gain;
        NDManager last = keeper;
        NDManager next = owner.newSubManager();
        learnt = copy.apply(next);
        keeper = next;
        if (last != null) {
            last.close();
        }
        return true;
    }

    private void tell(Faculty.Grades now) {
        double done =
                Math.max(deadline.spent(), (double) steps / Math.max(1, (long) settings.steps));
        settings.progress.update(
                (long) (PROGRESS * done),
                String.format(Locale.ROOT, "step %d: %.4f", steps, now.mean()));
    }

    private void checkpoint(Student student, NDManager manager) {
        if (System.nanoTime() - written >= settings.checkpointEvery.toNanos()) {
            write(student, manager);
        }
    }

    private void write(Student student, NDManager manager) {
        if (files == null) {
            return;
        }
        try (NDManager call = manager.newSubManager()) {
            files.keepStudent(student.copy(call), base);
        }
        written = System.nanoTime();
    }

    private static boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }

    long steps() {
        return steps;
    }
}
