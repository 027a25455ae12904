package dev.engram.sleep;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.sleep.internal.inputs.Lesson;
import dev.engram.sleep.internal.inputs.Lessons;
import dev.engram.sleep.internal.inputs.Rows;
import dev.engram.sleep.internal.inputs.SourceLessons;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Samples that were drawn once, where no probe was given: of each task every second one is a
 * probe's, and from the others the student learns.
 */
final class DrawnPool implements Lessons {

    private static final int MOST_PER_TASK = 1000;

    private final List<Lesson> kept = new ArrayList<>();
    private final Map<String, Probe> probes = new LinkedHashMap<>();
    private final Map<String, Integer> seen = new HashMap<>();
    private final int size;
    private final SplittableRandom random;

    DrawnPool(int size, long seed) {
        this.size = size;
        this.random = new SplittableRandom(seed);
    }

    /** Draws what a source has, up to a bound. */
    void draw(ReplaySource source, Answers answers, NDManager owner) {
        long most = (long) MOST_PER_TASK * source.tasks().size();
        int wanted = (int) Math.min(most, source.available(SourceLessons.NOBODYS));
        if (wanted < 1) {
            return;
        }
        try (NDManager call = owner.newSubManager()) {
            for (ReplayedBatch batch : source.draw(SourceLessons.NOBODYS, wanted, call)) {
                if (!batch.labels().isEmpty()) {
                    take(batch, answers, owner);
                }
            }
        }
    }

    private void take(ReplayedBatch batch, Answers answers, NDManager owner) {
        Rows.byTask(batch.tasks()).forEach((task, rows) -> take(task, rows, batch, answers, owner));
    }

    private void take(
            String task, long[] rows, ReplayedBatch batch, Answers answers, NDManager owner) {
        int first = seen.merge(task, rows.length, Integer::sum) - rows.length;
        long[] judging = every(rows, first % 2);
        if (judging.length > 0) {
            probes.computeIfAbsent(task, name -> new Probe(name, answers))
                    .add(
                            Rows.copied(batch.data(), judging, owner),
                            Rows.copied(batch.labels(), judging, owner),
                            owner);
        }
        long[] learnt = every(rows, 1 - first % 2);
        if (learnt.length > 0) {
            NDList data = Rows.copied(batch.data(), learnt, owner);
            NDList labels = Rows.copied(batch.labels(), learnt, owner);
            kept.add(new Lesson(data, labels, List.of(task)));
        }
    }

    private static long[] every(long[] rows, int first) {
        return LongStream.of(Rows.everySecond(rows.length, first))
                .map(which -> rows[(int) which])
                .toArray();
    }

    /** Returns the probes. */
    List<Probe> probes() {
        return List.copyOf(probes.values());
    }

    /** As many samples of each task. */
    @Override
    public List<Lesson> next(NDManager manager) {
        List<Lesson> lessons = new ArrayList<>();
        for (Lesson all : kept) {
            long[] rows = random.longs(Math.max(1, size / kept.size()), 0, all.size()).toArray();
            NDList labels = Rows.of(all.labels(), rows, manager);
            NDList data = Rows.of(all.data(), rows, manager);
            lessons.add(new Lesson(data, labels, repeated(all.tasks().get(0), rows.length)));
        }
        return lessons;
    }

    private static List<String> repeated(String task, int times) {
        return Collections.nCopies(times, task);
    }

    /** Returns whether there is anything to learn from. */
    boolean isEmpty() {
        return kept.isEmpty();
    }
}
