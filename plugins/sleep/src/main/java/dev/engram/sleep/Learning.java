package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.sleep.internal.inputs.Lesson;
import dev.engram.sleep.internal.inputs.Lessons;
import dev.engram.sleep.internal.weights.Passes;
import dev.engram.sleep.internal.weights.SleepFiles;
import dev.engram.sleep.internal.weights.Student;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets a student learn until the time is over, it gets no better, or the thread is interrupted; the
 * best of its states is kept, by the halves of the probes that choose.
 */
final class Learning {

    /** How much of a progress bar is all of it. */
    static final long PROGRESS = 1000;

    private final Sleep.Builder settings;
    private final Faculty faculty;
    private final List<Lessons> lessons;
    private final Deadline deadline;
    private final @Nullable SleepFiles files;
    private final String base;
    private long steps;
    private int inVain;
    private double best;
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

    /** Returns the best state, which belongs to the manager; nothing if none was any better. */
    Optional<Map<String, NDArray>> run(
            Passes passes, Map<String, NDArray> begin, NDManager manager) {
        Schooling schooling = new Schooling(faculty, settings);
        try (Student student = new Student(passes, begin, manager, settings.learningRate)) {
            look(student, manager);
            while (goesOn()) {
                step(schooling, student, manager);
                if (steps % settings.lookEvery == 0) {
                    look(student, manager);
                }
                checkpoint(student, manager);
            }
            if (steps % settings.lookEvery != 0) {
                look(student, manager);
            }
            if (isInterrupted()) {
                write(student, manager);
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
    private void look(Student student, NDManager manager) {
        Faculty.Grades before = faculty.before();
        Faculty.Grades now = faculty.grades(student::predict);
        double gain = now.mean() - before.mean();
        boolean isBetter = now.worstFall(before) <= settings.margin / 2 && gain > best;
        tell(now);
        if (!isBetter) {
            inVain++;
            return;
        }
        inVain = 0;
        best = gain;
        NDManager last = keeper;
        NDManager next = manager.newSubManager();
        learnt = student.copy(next);
        keeper = next;
        if (last != null) {
            last.close();
        }
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

    boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }

    long steps() {
        return steps;
    }
}
