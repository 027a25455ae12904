package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.HashMap;
import java.util.List;
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
 * the length of their samples, unless {@link Builder#optKeep} says so: the texts go when the next
 * task begins. So {@link #erase} has nothing to erase, and answers 0; what the model has learnt of
 * a person it may still write.
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

    private final Builder options;
    private final Writing writing;
    private final KnownTasks known = new KnownTasks();
    private final Library library = new Library();
    private @Nullable NDManager manager;
    private long seen;
    private boolean isSeenAgain;
    private long draws;

    private SelfRehearsal(Builder options, Writing writing) {
        this.options = options;
        this.writing = writing;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
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
        if (!options.keep) {
            library.clear();
        }
        writeOthers(training);
        if (options.answers) {
            library.ask(training.model());
        }
    }

    /** Texts that stand for several tasks alike are rehearsed as the last one's. */
    private void writeOthers(TrainingView training) {
        Map<Integer, List<KnownTask>> others = known.others(training.task(), this::first);
        int count = others.values().stream().mapToInt(List::size).sum();
        others.forEach(
                (first, tasks) -> {
                    KnownTask last = tasks.get(tasks.size() - 1);
                    if (tasks.stream().noneMatch(library::has)) {
                        int share = (options.texts * tasks.size() + count - 1) / count;
                        write(last, share, training, null);
                    }
                });
    }

    private int first(KnownTask task) {
        return options.firstTokens.getOrDefault(task.name(), options.startToken);
    }

    private void write(
            KnownTask task, int count, TrainingView training, @Nullable SampleRuns forbidden) {
        long begin = System.nanoTime();
        NDManager owner = owner(training.manager());
        try (NDManager call = owner.newSubManager()) {
            LanguageModel model = new LanguageModel(training.model(), task.form(), call);
            Writing.Result written =
                    writing.write(model, first(task), count, forbidden, next(), call);
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
        KnownTask learnt = KnownTask.of(task, options.length);
        if (options.keep) {
            boolean mayCopy = options.longestCopy == 0;
            write(
                    learnt,
                    options.texts,
                    task,
                    mayCopy ? null : SampleRuns.of(task, options.longestCopy + 1));
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
                : "%s (%.1f %% of the samples' %d bytes)"
                        .formatted(bytes, PERCENT * library.bytes() / seen, seen);
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    /** Of the base's samples, which are inputs of the next task, nothing but the form counts. */
    @Override
    public void onBase(FinishedTask base) {
        known.add(KnownTask.of(base, options.length));
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
        return new SplittableRandom(options.seed + STEP * draws++);
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
        if (options.keep) {
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

    /** Builds a {@link SelfRehearsal}. */
    public static final class Builder {

        private final Map<String, Integer> firstTokens = new HashMap<>();
        private int texts = 256;
        private int length = Integer.MAX_VALUE;
        private double oversampling = 1.5;
        private double temperature = 1;
        private int top = 20;
        private double unlikely = 0.1;
        private int run = 4;
        private double repeated = 0.3;
        private double shared = 0.5;
        private int groups = 20;
        private int startToken = Author.ANYWHERE;
        private int padding = -1;
        private boolean answers;
        private boolean keep;
        private int longestCopy = 7;
        private long seed = 1;

        private Builder() {}

        /**
         * Sets how many texts there are to rehearse: of all earlier tasks together, with {@link
         * #optKeep} of each; 256 unless set.
         */
        public Builder optTexts(int texts) {
            this.texts = texts;
            return this;
        }

        /**
         * Sets how many tokens a text has at most; as many as the samples unless set. Fewer are
         * written faster, and the model must take them.
         */
        public Builder optLength(int tokens) {
            this.length = tokens;
            return this;
        }

        /** Sets how many times as many are written, to choose from; 1.5 unless set. */
        public Builder optOversampling(double times) {
            this.oversampling = times;
            return this;
        }

        /** Sets by what scores are divided before a token is drawn; 1 unless set. */
        public Builder optTemperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /** Sets among how many of the likeliest a token is drawn, 0: all; 20 unless set. */
        public Builder optTop(int tokens) {
            this.top = tokens;
            return this;
        }

        /**
         * Sets the share left out of the texts that the model finds least likely; 0.1 unless set.
         */
        public Builder optUnlikely(double share) {
            this.unlikely = share;
            return this;
        }

        /** Sets how many tokens make a run, by which repetition is told; 4 unless set. */
        public Builder optRun(int tokens) {
            this.run = tokens;
            return this;
        }

        /** Sets the share of its runs that a text may have said before; 0.3 unless set. */
        public Builder optRepeated(double share) {
            this.repeated = share;
            return this;
        }

        /** Sets the share of their runs that two texts may have in common; 0.5 unless set. */
        public Builder optShared(double share) {
            this.shared = share;
            return this;
        }

        /** Sets into how many groups texts fall, all of which are picked from; 20 unless set. */
        public Builder optGroups(int groups) {
            this.groups = groups;
            return this;
        }

        /** Sets the token that texts of a task begin with, as its samples do. */
        public Builder optFirstToken(String task, int token) {
            firstTokens.put(task, token);
            return this;
        }

        /**
         * Sets the token that all other texts begin with; unless set they begin anywhere, with a
         * token that the model wrote after others.
         */
        public Builder optStartToken(int token) {
            this.startToken = token;
            return this;
        }

        /** Sets a token that only fills texts up, and counts as no repetition; none unless set. */
        public Builder optPadding(int token) {
            this.padding = token;
            return this;
        }

        /**
         * Sets whether the texts go with what the model answered to them before the task began, as
         * dark experience replay needs it: texts times length times vocabulary numbers while it
         * trains; no unless set.
         */
        public Builder optAnswers(boolean answers) {
            this.answers = answers;
            return this;
        }

        /**
         * Sets whether a task's texts are written when it ends and kept, as token numbers, for all
         * later tasks; no unless set: they are written anew before each task, and nothing is kept.
         */
        public Builder optKeep(boolean keep) {
            this.keep = keep;
            return this;
        }

        /**
         * Sets how many tokens in a row a text that is kept may have in common with a sample of its
         * task, of those that the listener has, 0: any number; 7 unless set.
         */
        public Builder optLongestCopy(int tokens) {
            this.longestCopy = tokens;
            return this;
        }

        /** Sets the seed of all that is drawn; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Builds the source.
         *
         * @throws InvalidOptionException if an option is out of bounds
         */
        public SelfRehearsal build() {
            TextBounds.require("optTexts", texts, 1, 1_000_000);
            TextBounds.require("optLength", length, 2, Integer.MAX_VALUE);
            TextBounds.require("optOversampling", oversampling, 1, 100);
            TextBounds.require("optTemperature", temperature, 0.01, 100);
            TextBounds.require("optTop", top, 0, Integer.MAX_VALUE);
            TextBounds.require("optUnlikely", unlikely, 0, 0.9);
            TextBounds.require("optRun", run, 1, 1000);
            TextBounds.require("optRepeated", repeated, 0, 1);
            TextBounds.require("optShared", shared, 0, 1);
            TextBounds.require("optGroups", groups, 1, 10_000);
            TextBounds.require("optLongestCopy", longestCopy, 0, 1_000_000);
            Sieve sieve = new Sieve(unlikely, run, repeated, shared, padding);
            TokenChoice choice = new TokenChoice(temperature, top);
            return new SelfRehearsal(
                    this, new Writing(choice, oversampling, sieve, new Spread(groups)));
        }
    }
}
