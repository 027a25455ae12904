package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a language model write what it rehearses: before a task begins, the model as it stands
 * writes texts, which stand for what it has learnt so far; a pretrained base has learnt something,
 * too.
 *
 * <p>Nothing is kept of the tasks' samples, and nothing is written down but the tasks' names and
 * the length of their samples, unless {@link SelfRehearsalBuilder#optKeep} says so: the texts go
 * when the next task begins. So {@link #erase} has nothing to erase, and answers 0; what the model
 * has learnt of a person it may still write.
 *
 * <p>It takes token numbers, and beside them such inputs as a mask, with the next tokens as labels,
 * and any model that answers each token with scores for the next one, reading from left to right;
 * others are refused, before the first step where their shapes show it.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SelfRehearsal implements ReplaySource {

    private static final Logger LOG = LoggerFactory.getLogger(SelfRehearsal.class);
    private static final String DRAWS = "draws";
    private static final long STEP = 0xD1342543DE82EF95L;
    private static final double NANOS = 1e9;
    private static final double PERCENT = 100;

    private final TextOptions options;
    private final Writing writing;
    private final KnownTasks known = new KnownTasks();
    private final Library library = new Library();
    private @Nullable NDManager manager;
    private long seen;
    private boolean isSeenAgain;
    private long draws;

    SelfRehearsal(TextOptions options, Writing writing) {
        this.options = options;
        this.writing = writing;
    }

    /** Returns a builder. */
    public static SelfRehearsalBuilder builder() {
        return new SelfRehearsalBuilder();
    }

    /** Returns how many bytes the texts have that are there now. */
    public long bytes() {
        return library.bytes();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        seen = 0;
        isSeenAgain = false;
        if (training instanceof FinishedTask) {
            return; // It is over already: nothing is rehearsed in it.
        }
        if (!options.keep()) {
            library.clear();
        }
        writeOthers(training);
        if (options.answers()) {
            library.ask(training.model());
        }
    }

    /** Texts that stand for several tasks alike are rehearsed as the last one's. */
    private void writeOthers(TrainingView training) {
        Map<Integer, List<KnownTask>> others = known.others(training.task(), options::first);
        int count = others.values().stream().mapToInt(List::size).sum();
        others.forEach(
                (first, tasks) -> {
                    KnownTask last = tasks.get(tasks.size() - 1);
                    if (tasks.stream().noneMatch(library::has)) {
                        int share = (options.texts() * tasks.size() + count - 1) / count;
                        write(last, share, training, null);
                    }
                });
    }

    private void write(
            KnownTask task, int count, TrainingView training, @Nullable SampleRuns forbidden) {
        long begin = System.nanoTime();
        NDManager owner = owner(training.manager());
        try (NDManager call = owner.newSubManager()) {
            LanguageModel model = new LanguageModel(training.model(), task.form(), call);
            Writing.Result written =
                    writing.write(model, options.first(task), count, forbidden, next(), call);
            library.add(task, written.texts(), owner);
            LOG.info(
                    "Self-rehearsal: {}: {}, in {} s",
                    task.name(),
                    written.describe(),
                    Math.round((System.nanoTime() - begin) / NANOS));
        }
    }

    /** Checks the form of the samples and of the model's answers; nothing is kept or read. */
    @Override
    public void observe(ObservedBatch batch) {
        TextForm form = TextForm.of(batch.task().name(), batch.data(), batch.labels());
        if (!batch.predictions().isEmpty()) {
            LanguageModel.require(batch.data().head().getShape(), batch.predictions().head());
        }
        if (!isSeenAgain) {
            seen += batch.data().head().getShape().get(0) * form.bytes();
        }
    }

    @Override
    public void onEpoch() {
        isSeenAgain = true;
    }

    @Override
    public boolean isOnline() {
        return false;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        KnownTask learnt = KnownTask.of(task, options.length());
        if (options.keep()) {
            boolean mayCopy = options.longestCopy() == 0;
            write(
                    learnt,
                    options.texts(),
                    task,
                    mayCopy ? null : SampleRuns.of(task, options.longestCopy() + 1));
        } else {
            library.clear();
        }
        known.add(learnt);
        LOG.info("Self-rehearsal: {}: {}", learnt.name(), kept());
    }

    private String kept() {
        String bytes = library.bytes() + " bytes of text kept, and no sample";
        return seen == 0
                ? bytes
                : String.format(
                        Locale.ROOT,
                        "%s (%.1f %% of the samples' %d bytes)",
                        bytes,
                        PERCENT * library.bytes() / seen,
                        seen);
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    /** Of the base's samples, which are inputs of the next task, nothing but the form counts. */
    @Override
    public void onBase(FinishedTask base) {
        known.add(KnownTask.of(base, options.length()));
    }

    @Override
    public Set<String> tasks() {
        return known.names();
    }

    @Override
    public long forget(Task task) {
        known.remove(task);
        NDManager owner = manager;
        return owner == null ? 0 : library.remove(task, owner);
    }

    /** As many as one wants of what is there. */
    @Override
    public long available(Task unwanted) {
        return library.hasOtherThan(unwanted) ? Integer.MAX_VALUE : 0;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager owner) {
        return size < 1 || available(unwanted) == 0
                ? List.of()
                : library.draw(unwanted, size, next(), owner);
    }

    private SplittableRandom next() {
        return new SplittableRandom(options.seed() + STEP * draws++);
    }

    /** Nothing is kept of anybody. */
    @Override
    public long erase(String subject) {
        return 0;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(DRAWS, String.valueOf(draws));
        known.save(memory);
        if (options.keep()) {
            library.save(memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        draws = memory.text(DRAWS).map(Long::parseLong).orElse(0L);
        known.restore(memory);
        library.restore(memory, owner(memory.manager()));
    }

    private NDManager owner(NDManager given) {
        NDManager own = manager;
        if (own == null) {
            own = given.newSubManager();
            own.setName("self-rehearsal");
            manager = own;
        }
        return own;
    }

    @Override
    public void close() {
        library.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }
}
