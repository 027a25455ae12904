package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What sources have in common that make samples of what was fitted when a task ended. */
public abstract class GenerativeSource implements ReplaySource {

    private static final String DRAWS = "draws";

    private final String name;
    private final long seed;
    private final Questions questions;
    private final RawSize raw = new RawSize();
    private @Nullable NDManager manager;
    private @Nullable AnsweredSamples answered;
    private long draws;

    /**
     * Creates a source.
     *
     * @param questions which samples are made before a task begins, to be drawn from
     */
    protected GenerativeSource(String name, long seed, Questions questions) {
        this.name = name;
        this.seed = seed;
        this.questions = questions;
    }

    /** Makes samples of all tasks but one. */
    protected abstract List<ReplayedBatch> make(
            Task unwanted, int size, SplittableRandom random, NDManager owner);

    /** Refuses samples of a form that it cannot make; takes all here. */
    protected void require(String task, Form form) {}

    @Override
    public final void onTaskBegin(TrainingView training) {
        raw.begin();
        unask();
        if (questions.samples() > 0 && available(training.task()) > 0) {
            NDManager own = owner(training.manager()).newSubManager();
            List<ReplayedBatch> made = make(training.task(), questions.samples(), next(), own);
            answered =
                    new AnsweredSamples(
                            training.task(),
                            made,
                            questions.answering(training),
                            questions.mustAgree(),
                            own);
        }
    }

    /** Frees the samples that were made for a task that is over. */
    protected final void unask() {
        if (answered != null) {
            answered.close();
            answered = null;
        }
    }

    /** Checks the form of the samples; nothing of the batch is kept or read. */
    @Override
    public final void observe(ObservedBatch batch) {
        Form form = Form.of(batch.task().name(), batch.data(), batch.labels());
        require(batch.task().name(), form);
        raw.add(form, batch.data());
    }

    @Override
    public final void onEpoch() {
        raw.endEpoch();
    }

    @Override
    public final boolean isOnline() {
        return false;
    }

    @Override
    public final List<ReplayedBatch> draw(Task unwanted, int size, NDManager owner) {
        if (size < 1 || available(unwanted) == 0) {
            return List.of();
        }
        AnsweredSamples known = answered;
        return known != null && known.isFor(unwanted)
                ? known.draw(size, next(), owner)
                : make(unwanted, size, next(), owner);
    }

    private SplittableRandom next() {
        return Seeds.of(seed, draws++);
    }

    /** Nothing is kept of anybody. */
    @Override
    public final long erase(String subject) {
        return 0;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(DRAWS, String.valueOf(draws));
    }

    @Override
    public void restore(MemoryReader memory) {
        draws = memory.text(DRAWS).map(Long::parseLong).orElse(0L);
    }

    @Override
    public void close() {
        answered = null;
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /** Returns the seed of fits and draws. */
    protected final long seed() {
        return seed;
    }

    /** Says how much something is beside the samples of the task. */
    protected final String share(long kept) {
        return raw.share(kept);
    }

    /** Returns the manager of all that is kept. */
    protected final NDManager owner(NDManager given) {
        NDManager own = manager;
        if (own == null) {
            own = given.newSubManager();
            own.setName(name);
            manager = own;
        }
        return own;
    }
}
