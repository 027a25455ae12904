package dev.engram.sleep;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.sleep.internal.pace.Deadline;
import dev.engram.sleep.internal.weights.Followed;
import dev.engram.sleep.internal.weights.LeftWeights;
import dev.engram.sleep.internal.weights.Line;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.sleep.internal.weights.OtherModel;
import dev.engram.sleep.internal.weights.Passes;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Finds who may teach, and takes each into the faculty; with half of the time over, or an
 * interrupt, whoever was not looked at is left out.
 */
final class Teachers {

    private static final double PART = 0.5;

    private final Sleep.Builder settings;
    private final Model model;
    private final ModelWeights weights;
    private final Passes passes;
    private final Faculty faculty;
    private final SleepReport.Draft draft;
    private final Deadline deadline;
    private final NDManager manager;

    Teachers(
            Sleep.Builder settings,
            Model model,
            ModelWeights weights,
            Passes passes,
            Faculty faculty,
            SleepReport.Draft draft,
            Deadline deadline,
            NDManager manager) {
        this.settings = settings;
        this.model = model;
        this.weights = weights;
        this.passes = passes;
        this.faculty = faculty;
        this.draft = draft;
        this.deadline = deadline;
        this.manager = manager;
    }

    /**
     * Takes them in, the model as it is first.
     *
     * @param accepted what an earlier sleep learnt of the same weights; may be empty
     */
    void appoint(Map<String, NDArray> before, Map<String, NDArray> accepted) {
        long begin = System.nanoTime();
        draft.tried(faculty.add(own("before", before)));
        // At the end three states are looked at, and two models judged by as many samples.
        deadline.reserve(5 * (System.nanoTime() - begin));
        if (!accepted.isEmpty()) {
            add("accepted earlier", () -> own("accepted earlier", accepted));
        }
        settings.teachers.forEach(
                (name, other) ->
                        add(name, () -> new Teacher(name, OtherModel.of(other, model), Map.of())));
        Path directory = settings.directory;
        if (directory != null) {
            LeftWeights left = new LeftWeights(directory);
            left.numbers().forEach(number -> addLeft(left, number));
        }
        Followed.of(settings.directory, weights, manager)
                .forEach((name, values) -> addLine(name, before, values));
    }

    private boolean add(String name, Supplier<Teacher> teacher) {
        if (Thread.currentThread().isInterrupted() || deadline.spent() > PART) {
            draft.tried("no time to look at " + name);
            return false;
        }
        draft.tried(faculty.add(teacher.get()));
        return true;
    }

    private void addLeft(LeftWeights left, int number) {
        NDManager owner = manager.newSubManager();
        String name = "left by training " + number;
        boolean isNeeded =
                left.read(number, owner)
                        .filter(weights::fit)
                        .map(values -> own(name, values))
                        .map(teacher -> isNeeded(name, teacher))
                        .orElse(false);
        if (!isNeeded) {
            owner.close();
        }
    }

    private boolean isNeeded(String name, Teacher teacher) {
        if (add(name, () -> teacher) && faculty.needs(teacher, settings.tolerance())) {
            return true;
        }
        faculty.drop(teacher);
        return false;
    }

    /** Between what the model is and an average of what it was there may be better than either. */
    private void addLine(String name, Map<String, NDArray> before, Map<String, NDArray> values) {
        add(name, () -> own(name, values));
        for (double share : Learning.SHARES) {
            String called = share + " of the way to " + name;
            NDManager owner = manager.newSubManager();
            Map<String, NDArray> point = Line.at(share, before, values, owner);
            if (!isNeeded(called, own(called, point))) {
                owner.close();
            }
        }
    }

    private Teacher own(String name, Map<String, NDArray> values) {
        return new Teacher(name, inputs -> passes.predict(values, inputs), values);
    }
}
