package dev.engram.generativereplay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.generativereplay.internal.mixture.Catalog;
import dev.engram.generativereplay.internal.mixture.CatalogState;
import dev.engram.generativereplay.internal.mixture.Choice;
import dev.engram.generativereplay.internal.mixture.Drawn;
import dev.engram.generativereplay.internal.mixture.MixtureFit;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.GenerativeSource;
import dev.engram.generativereplay.internal.samples.Learnable;
import dev.engram.generativereplay.internal.samples.Questions;
import dev.engram.generativereplay.internal.samples.Seeds;
import dev.engram.generativereplay.internal.samples.TaskRows;
import dev.engram.generativereplay.internal.statistics.SharedAxes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws samples of earlier tasks from mixtures of low-rank Gaussians, one for each class of each
 * task, which are fitted when the task ends.
 *
 * <p>They are fitted to the sample of the task that the listener keeps while it trains ({@code
 * optSampleCapacity}) and drops then; no sample is kept after that, and none is written down. So
 * {@link #erase} has nothing to erase, and answers 0: that a person's sample is one of at least
 * {@link Builder#optLeastSamples} in a mean, nobody can take back.
 *
 * <p>A class of few samples ({@link Builder#optGroupSamples}) has one Gaussian, which extends in
 * directions that it shares with the other classes of few samples of its task.
 *
 * <p>One input of amounts and one label a sample, of few labels in all; what a mean of inputs would
 * make no sense of, such as numbers of words, is refused at the first batch.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MixtureReplay extends GenerativeSource {

    private static final Logger LOG = LoggerFactory.getLogger(MixtureReplay.class);
    private static final String CATALOG = "mixture-";

    private final MixtureFit fit;
    private final int leastSamples;
    private final double spread;
    private final List<Catalog> catalogs = new ArrayList<>();
    private @Nullable Choice choice;

    private MixtureReplay(Builder builder) {
        super("mixture", builder.seed, Questions.toTheModel(builder.answers));
        this.leastSamples = builder.leastSamples;
        int group = Math.max(builder.groupSamples, leastSamples);
        this.fit = new MixtureFit(builder.components, builder.rank, group);
        this.spread = builder.spread;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns how many bytes are kept of all tasks together. */
    public long bytes() {
        return catalogs.stream().mapToLong(Catalog::bytes).sum();
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        unask();
        NDManager owner = owner(task.manager());
        List<Catalog> fitted = new ArrayList<>();
        try (NDManager call = task.scratch().newSubManager()) {
            fit(task.task().name(), TaskRows.of(task, call), fitted, owner, call);
        } catch (RuntimeException e) {
            fitted.forEach(Catalog::close);
            throw e;
        }
        LOG.info(
                "Generative replay: task {}: {} kept of {} classes, no sample",
                task.task().name(),
                share(fitted.stream().mapToLong(Catalog::bytes).sum()),
                fitted.size());
        catalogs.addAll(fitted);
        join(owner);
    }

    private void fit(
            String task, TaskRows rows, List<Catalog> fitted, NDManager owner, NDManager call) {
        List<Learnable> all = Learnable.of(task, rows, leastSamples);
        for (Form form : rows.forms()) {
            List<ClassOfTask> classes =
                    all.stream()
                            .filter(one -> one.form().equals(form))
                            .map(Learnable::learnt)
                            .toList();
            NDArray shared = shared(task, form, classes, rows, call);
            for (ClassOfTask learnt : classes) {
                fitted.add(fit(learnt, form, rows, isSmall(learnt) ? shared : null, owner));
            }
        }
    }

    private boolean isSmall(ClassOfTask learnt) {
        return learnt.samples() < fit.least();
    }

    /** Returns the directions of the classes of few samples, if there are several. */
    private @Nullable NDArray shared(
            String task, Form form, List<ClassOfTask> classes, TaskRows rows, NDManager call) {
        List<NDArray> small =
                classes.stream()
                        .filter(this::isSmall)
                        .map(learnt -> rows.rows(form, learnt.label(), call))
                        .toList();
        if (small.size() < 2) {
            return null;
        }
        LOG.info(
                "Generative replay: task {}: {} classes have fewer than {} samples: one Gaussian"
                        + " each, whose directions they share",
                task,
                small.size(),
                fit.least());
        return SharedAxes.of(small, fit.rank(), call, Seeds.of(seed(), task.hashCode()));
    }

    private Catalog fit(
            ClassOfTask learnt,
            Form form,
            TaskRows rows,
            @Nullable NDArray shared,
            NDManager owner) {
        SplittableRandom random = Seeds.of(seed(), learnt);
        try (NDManager call = owner.newSubManager();
                NDArray own = rows.rows(form, learnt.label(), call)) {
            return fit.of(learnt, form, own, shared, owner, random);
        }
    }

    /** Puts the classes of each form into one catalog, so that one draw serves them. */
    private void join(NDManager owner) {
        Map<Form, List<Catalog>> byForm = new LinkedHashMap<>();
        catalogs.forEach(
                one -> byForm.computeIfAbsent(one.form(), form -> new ArrayList<>()).add(one));
        catalogs.clear();
        byForm.values().forEach(parts -> catalogs.add(Catalog.joined(parts, owner)));
        choice = null;
    }

    @Override
    public Set<String> tasks() {
        Set<String> tasks = new LinkedHashSet<>();
        catalogs.forEach(catalog -> catalog.classes().forEach(one -> tasks.add(one.task())));
        return tasks;
    }

    @Override
    public long forget(Task task) {
        long samples = 0;
        for (int i = catalogs.size() - 1; i >= 0; i--) {
            Catalog catalog = catalogs.get(i);
            List<ClassOfTask> classes = catalog.classes();
            List<Integer> kept =
                    IntStream.range(0, classes.size())
                            .filter(k -> !classes.get(k).isOf(task))
                            .boxed()
                            .toList();
            if (kept.size() < classes.size()) {
                samples +=
                        classes.stream()
                                .filter(k -> k.isOf(task))
                                .mapToLong(ClassOfTask::samples)
                                .sum();
                replace(i, kept);
            }
        }
        return samples;
    }

    private void replace(int which, List<Integer> kept) {
        Catalog old = catalogs.remove(which);
        choice = null;
        if (!kept.isEmpty()) {
            catalogs.add(which, old.only(kept, old.manager().getParentManager()));
        }
        old.close();
    }

    /** As many as one wants of what is there. */
    @Override
    public long available(Task unwanted) {
        return choice(unwanted).isEmpty() ? 0 : Integer.MAX_VALUE;
    }

    @Override
    protected List<ReplayedBatch> make(
            Task unwanted, int size, SplittableRandom random, NDManager owner) {
        Choice among = choice(unwanted);
        if (among.isEmpty() || size < 1) {
            return List.of();
        }
        List<ReplayedBatch> drawn = new ArrayList<>();
        among.draw(size, random)
                .forEach(
                        (which, components) ->
                                drawn.add(
                                        new Drawn(catalogs.get(which), components, spread, random)
                                                .batch(owner)));
        return drawn;
    }

    private Choice choice(Task unwanted) {
        Choice known = choice;
        if (known == null || !known.isFor(unwanted)) {
            known = new Choice(catalogs, unwanted);
            choice = known;
        }
        return known;
    }

    @Override
    public void save(MemoryWriter memory) {
        super.save(memory);
        memory.text("mixtures", String.valueOf(catalogs.size()));
        for (int i = 0; i < catalogs.size(); i++) {
            new CatalogState(CATALOG + i).save(catalogs.get(i), memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        super.restore(memory);
        int count = memory.text("mixtures").map(Integer::parseInt).orElse(0);
        NDManager owner = owner(memory.manager());
        for (int i = 0; i < count; i++) {
            catalogs.add(new CatalogState(CATALOG + i).restored(memory, owner));
        }
        choice = null;
    }

    @Override
    public void close() {
        catalogs.clear();
        choice = null;
        super.close();
    }

    /** Builds a {@link MixtureReplay}. */
    public static final class Builder {

        private static final double MOST_SPREAD = 10;

        private int components = 10;
        private int rank = 10;
        private int leastSamples = 5;
        private int groupSamples = 20;
        private double spread = 1.2;
        private int answers;
        private long seed = 1;

        private Builder() {}

        /** Sets how many Gaussians a class of a task has at most; 10 unless set. */
        public Builder optComponents(int components) {
            this.components = components;
            return this;
        }

        /** Sets in how many directions each Gaussian extends at most; 10 unless set. */
        public Builder optRank(int rank) {
            this.rank = rank;
            return this;
        }

        /**
         * Sets how many samples a class must have, and with it a Gaussian: nothing is kept of a
         * class with fewer, because what is drawn of it would nearly be one of them; 5 unless set.
         */
        public Builder optLeastSamples(int samples) {
            this.leastSamples = samples;
            return this;
        }

        /**
         * Sets how many samples each Gaussian of a class with several is fitted to at least; a
         * class with fewer has one, whose directions it shares with others of so few. 20 unless
         * set.
         */
        public Builder optGroupSamples(int samples) {
            this.groupSamples = samples;
            return this;
        }

        /**
         * Sets by what deviations along the axes are longer than those that were seen, which makes
         * up for those that no axis was kept of; 1.2 unless set.
         */
        public Builder optSpread(double spread) {
            this.spread = spread;
            return this;
        }

        /**
         * Sets how many samples are made before a task begins, to be drawn from instead of new
         * ones, with what the model answered to them then: the predictions that dark experience
         * replay holds it to. None unless set.
         */
        public Builder optAnswers(int samples) {
            this.answers = samples;
            return this;
        }

        /** Sets the seed of fits and draws; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Builds the source.
         *
         * @throws InvalidOptionException if an option is out of bounds
         */
        public MixtureReplay build() {
            require(components, 1, "optComponents");
            require(rank, 1, "optRank");
            require(answers, 0, "optAnswers");
            require(leastSamples, 2, "optLeastSamples");
            require(groupSamples, 2, "optGroupSamples");
            if (!(spread >= 0 && spread <= MOST_SPREAD)) {
                throw new InvalidOptionException(
                        "optSpread(%s): give a number from 0 to %s".formatted(spread, MOST_SPREAD));
            }
            return new MixtureReplay(this);
        }

        private static void require(int value, int least, String option) {
            if (value < least) {
                throw new InvalidOptionException(
                        "%s(%d): give %d or more".formatted(option, value, least));
            }
        }
    }
}
