package dev.engram.sleep;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.sleep.internal.pace.Deadline;
import dev.engram.sleep.internal.weights.ModelWeights;
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
    private final Evening evening;
    private boolean hasMoved;
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
        this.evening = new Evening(settings, memory, manager);
    }

    SleepReport run() {
        settings.progress.reset("Sleep", Learning.PROGRESS);
        evening.gather(draft);
        List<Probe> probes = evening.probes();
        Faculty faculty = faculty(probes);
        if (isInterrupted()) {
            return interrupted();
        }
        if (!faculty.knowsMore() && settings.labels == 0) {
            return draft.report(
                    SleepOutcome.REFUSED,
                    "no teacher answers any probe better than the model does, so there is nothing"
                            + " to learn from them");
        }
        Learning learning =
                new Learning(settings, faculty, evening.lessons(), deadline, files, base);
        Optional<Map<String, NDArray>> learnt =
                learning.run(passes, before, begin(faculty), manager);
        draft.steps(learning.steps());
        draft.tried(learning.told());
        if (isInterrupted()) {
            return interrupted();
        }
        return learnt.map(found -> judge(probes, found))
                .orElseGet(
                        () ->
                                draft.report(
                                        SleepOutcome.REFUSED,
                                        "no state of the student was better on the whole without"
                                                + " a task that falls"));
    }

    private static boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }

    private SleepReport interrupted() {
        return draft.report(
                SleepOutcome.INTERRUPTED,
                "the thread was interrupted; the model is as it was"
                        + (files == null ? "" : ", and the next sleep goes on from here"));
    }

    private Faculty faculty(List<Probe> probes) {
        Faculty faculty = new Faculty(probes);
        new Teachers(settings, model, weights, passes, faculty, draft, deadline, manager)
                .appoint(before, files == null ? Map.of() : accepted(files));
        return faculty;
    }

    private Map<String, NDArray> accepted(SleepFiles from) {
        return from.accepted(base, manager).filter(weights::fit).orElse(Map.of());
    }

    private Map<String, NDArray> begin(Faculty faculty) {
        Map<String, NDArray> first = faculty.first(settings.tolerance()).weights();
        return files == null
                ? first
                : files.student(base, manager)
                        .filter(weights::fit)
                        .filter(left -> isGood(left, faculty))
                        .orElse(first);
    }

    /** One that a kill left may be on a way that led nowhere. */
    private boolean isGood(Map<String, NDArray> left, Faculty faculty) {
        Faculty.Grades grades = faculty.grades(in -> passes.predict(left, in));
        boolean isGood = grades.mean() >= faculty.before().mean();
        draft.tried((isGood ? "goes on from" : "leaves") + " an earlier sleep, " + grades);
        return isGood;
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
        if (isInterrupted()) {
            return interrupted();
        }
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
        hasMoved = true;
        weights.set(learnt);
        draft.settled(settle(memory, settings));
        isAccepted = true;
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

    /** Also where the memory could not be settled on what it was about to become. */
    private void putBack() {
        if (isAccepted) {
            return;
        }
        if (hasMoved) {
            weights.set(before);
        } else {
            passes.putBack(before);
        }
    }

    @Override
    public void close() {
        try {
            putBack();
            evening.close();
            if (!isInterrupted() && files != null) {
                files.dropStudent();
            }
        } finally {
            settings.progress.end();
            manager.close();
        }
    }
}
