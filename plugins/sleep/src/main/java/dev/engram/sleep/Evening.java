package dev.engram.sleep;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.sleep.internal.inputs.GivenInputs;
import dev.engram.sleep.internal.inputs.Lessons;
import dev.engram.sleep.internal.inputs.SourceLessons;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Gathers what a night needs: inputs to learn from, and probes to judge by. */
final class Evening implements AutoCloseable {

    private final Sleep.Builder settings;
    private final @Nullable SleepingMemory memory;
    private final NDManager manager;
    private final List<Probe> probes = new ArrayList<>();
    private final List<Lessons> lessons = new ArrayList<>();
    private final List<GivenInputs> given = new ArrayList<>();

    Evening(Sleep.Builder settings, @Nullable SleepingMemory memory, NDManager manager) {
        this.settings = settings;
        this.memory = memory;
        this.manager = manager;
    }

    /** Gathers it, and says of which tasks nothing tells whether they fall. */
    void gather(SleepReport.Draft draft) {
        probes.addAll(settings.probes(manager));
        List<ReplaySource> sources = new ArrayList<>(settings.sources);
        if (memory != null) {
            memory.source().ifPresent(sources::add);
        }
        if (probes.isEmpty()) {
            judgeBy(sources);
        } else {
            learnFrom(sources, draft);
        }
        settings.inputs.forEach(inputs -> given.add(inputs.apply(manager)));
        lessons.addAll(given);
        probes.forEach(Probe::requireEnough);
        require();
    }

    /** One pool of all, for two sources may have samples of the same task. */
    private void judgeBy(List<ReplaySource> sources) {
        DrawnPool pool = new DrawnPool(settings.batchSize, settings.seed);
        sources.forEach(source -> pool.draw(source, settings.answers, manager));
        probes.addAll(pool.probes());
        if (!pool.isEmpty()) {
            lessons.add(pool);
        }
    }

    private void learnFrom(List<ReplaySource> sources, SleepReport.Draft draft) {
        Set<String> unjudged = new TreeSet<>();
        for (ReplaySource source : sources) {
            if (source.available(SourceLessons.NOBODYS) > 0) {
                lessons.add(new SourceLessons(source, settings.batchSize));
                unjudged.addAll(source.tasks());
            }
        }
        probes.forEach(probe -> unjudged.remove(probe.task()));
        unjudged.forEach(
                task -> draft.tried("no probe (addProbe) tells whether " + task + " falls"));
    }

    private void require() {
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

    List<Probe> probes() {
        return probes;
    }

    List<Lessons> lessons() {
        return lessons;
    }

    @Override
    public void close() {
        given.forEach(GivenInputs::close);
    }
}
