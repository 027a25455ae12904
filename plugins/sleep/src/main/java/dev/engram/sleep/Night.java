package dev.engram.sleep;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.sleep.internal.inputs.GivenInputs;
import dev.engram.sleep.internal.inputs.Lessons;
import dev.engram.sleep.internal.inputs.SourceLessons;
import dev.engram.sleep.internal.weights.Followed;
import dev.engram.sleep.internal.weights.Line;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.sleep.internal.weights.OtherModel;
import dev.engram.sleep.internal.weights.Passes;
import dev.engram.sleep.internal.weights.SleepFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One sleep of a model, from its weights of before to the decision. */
final class Night implements AutoCloseable {

    private final Sleep.Builder settings;
    private final Model model;
    private final @Nullable SleepingMemory memory;
    private final @Nullable SleepFiles files;
    private final SleepReport.Draft draft;
    private final NDManager manager;
    private final ModelWeights weights;
    private final Passes passes;
    private final Map<String, NDArray> before;
    private final String base;
    private final Deadline deadline;
    private final List<GivenInputs> given = new ArrayList<>();
    private boolean isAccepted;

    /**
     * Begins a night; the model is as it was when it is closed, unless what was learnt is accepted.
     *
     * @param files none for a dry run, or where the user named no directory
     */
    Night(
            Sleep.Builder settings,
            Model model,
            @Nullable SleepingMemory memory,
            @Nullable SleepFiles files,
            boolean dry) {
        this.settings = settings;
        this.model = model;
        this.memory = memory;
        this.files = files;
        this.draft = new SleepReport.Draft(dry);
        this.deadline = new Deadline(settings.budget);
        this.weights = new ModelWeights(model.getBlock());
        this.passes = new Passes(model, weights);
        this.base = weights.sum();
        this.manager = model.getNDManager().newSubManager();
        manager.setName("engram sleep");
        this.before = weights.copy(manager);
    }

    SleepReport run() {
        settings.progress.reset("Sleep", Learning.PROGRESS);
        List<Lessons> lessons = new ArrayList<>();
        List<Probe> probes = prepare(lessons);
        Faculty faculty = faculty(probes);
        if (!faculty.knowsMore() && settings.labels == 0) {
            return draft.report(
                    SleepOutcome.REFUSED,
                    "no teacher answers any probe better than the model does, so there is nothing"
                            + " to learn from them");
        }
        Learning learning = new Learning(settings, faculty, lessons, deadline, files, base);
        Optional<Map<String, NDArray>> learnt =
                learning.run(passes, before, begin(faculty), manager);
        draft.steps(learning.steps());
        draft.tried(learning.told());
        if (learning.isInterrupted()) {
            return draft.report(
                    SleepOutcome.INTERRUPTED,
                    "the thread was interrupted; the model is as it was"
                            + (files == null ? "" : ", and the next sleep goes on from here"));
        }
        return learnt.map(found -> judge(probes, found))
                .orElseGet(
                        () ->
                                draft.report(
                                        SleepOutcome.REFUSED,
                                        "no state of the student was better on the whole without"
                                                + " a task that falls"));
    }

    /** Collects what to learn from, and returns what to judge by. */
    private List<Probe> prepare(List<Lessons> lessons) {
        List<Probe> probes = settings.probes(manager);
        List<ReplaySource> sources = new ArrayList<>(settings.sources);
        if (memory != null) {
            memory.source().ifPresent(sources::add);
        }
        boolean judgesByMemory = probes.isEmpty();
        for (ReplaySource source : sources) {
            if (judgesByMemory) {
                DrawnPool pool = new DrawnPool(settings.batchSize, settings.seed);
                pool.draw(source, settings.answers, manager);
                probes.addAll(pool.probes());
                if (!pool.isEmpty()) {
                    lessons.add(pool);
                }
            } else if (source.available(SourceLessons.NOBODYS) > 0) {
                lessons.add(new SourceLessons(source, settings.batchSize));
            }
        }
        settings.inputs.forEach(inputs -> given.add(inputs.apply(manager)));
        lessons.addAll(given);
        probes.forEach(Probe::requireEnough);
        require(probes, lessons);
        return probes;
    }

    private static void require(List<Probe> probes, List<Lessons> lessons) {
        if (probes.isEmpty()) {
            throw new EngramException(
                    "Nothing tells whether a task falls: give labelled samples of each task"
                            + " (addProbe), or a memory that keeps samples with labels"
                            + " (optMemory with \"er\", for one)");
        }
        if (lessons.isEmpty()) {
            throw new EngramException(
                    "There are no inputs to learn from: give a memory whose listener rehearses"
                            + " (optMemory), a replay source (addSource), or inputs without labels"
                            + " (addInputs)");
        }
    }

    private Faculty faculty(List<Probe> probes) {
        Faculty faculty = new Faculty(probes);
        long begin = System.nanoTime();
        draft.tried(faculty.add(own("before", before)));
        // At the end three states are looked at, and two models judged by as many samples.
        deadline.reserve(5 * (System.nanoTime() - begin));
        Followed.of(settings.directory, weights, manager)
                .forEach((name, values) -> addLine(faculty, name, values));
        if (files != null) {
            files.accepted(base, manager)
                    .filter(weights::fit)
                    .ifPresent(v -> draft.tried(faculty.add(own("accepted earlier", v))));
        }
        settings.teachers.forEach(
                (name, other) ->
                        draft.tried(
                                faculty.add(
                                        new Teacher(name, OtherModel.of(other, model), Map.of()))));
        return faculty;
    }

    /** Between what the model is and an average of what it was there may be better than either. */
    private void addLine(Faculty faculty, String name, Map<String, NDArray> values) {
        draft.tried(faculty.add(own(name, values)));
        for (double share : Learning.SHARES) {
            NDManager owner = manager.newSubManager();
            Map<String, NDArray> point = Line.at(share, before, values, owner);
            Teacher teacher = own(share + " of the way to " + name, point);
            draft.tried(faculty.add(teacher));
            if (!faculty.needs(teacher, settings.tolerance())) {
                faculty.drop(teacher);
                owner.close();
            }
        }
    }

    private Teacher own(String name, Map<String, NDArray> values) {
        return new Teacher(name, inputs -> passes.predict(values, inputs), values);
    }

    private Map<String, NDArray> begin(Faculty faculty) {
        Optional<Map<String, NDArray>> left =
                files == null
                        ? Optional.empty()
                        : files.student(base, manager).filter(weights::fit);
        left.ifPresent(
                values ->
                        draft.tried(
                                "goes on from an earlier sleep, "
                                        + faculty.grades(in -> passes.predict(values, in))));
        return left.orElseGet(() -> faculty.first(settings.tolerance()).weights());
    }

    private SleepReport judge(List<Probe> probes, Map<String, NDArray> learnt) {
        List<ProbeResult> results = new ArrayList<>();
        for (Probe probe : probes) {
            results.add(
                    ProbeResult.of(
                            probe.task(),
                            probe.judge(in -> passes.predict(before, in)),
                            probe.judge(in -> passes.predict(learnt, in))));
        }
        draft.probes(results);
        Verdict verdict = Verdict.of(results, settings.significance, settings.margin);
        if (!verdict.isAccepted()) {
            return draft.report(SleepOutcome.REFUSED, verdict.reason());
        }
        if (!draft.isDry()) {
            accept(learnt);
        }
        return draft.report(SleepOutcome.ACCEPTED, verdict.reason());
    }

    /** On the disk first: from there on, whoever loads the weights of before can go on to these. */
    private void accept(Map<String, NDArray> learnt) {
        if (files != null) {
            files.accept(learnt, base);
        }
        isAccepted = true;
        weights.set(learnt);
        draft.settled(settle(memory, settings));
        if (files != null) {
            files.dropStudent();
        }
    }

    static Set<String> settle(@Nullable SleepingMemory memory, Sleep.Builder settings) {
        if (memory == null) {
            return Set.of();
        }
        memory.compact();
        return memory.settle(settings.loss);
    }

    @Override
    public void close() {
        try {
            given.forEach(GivenInputs::close);
            if (!isAccepted) {
                passes.putBack(before);
            }
            if (!Thread.currentThread().isInterrupted() && files != null) {
                files.dropStudent();
            }
        } finally {
            settings.progress.end();
            manager.close();
        }
    }
}
