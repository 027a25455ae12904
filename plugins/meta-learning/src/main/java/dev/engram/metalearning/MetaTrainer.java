package dev.engram.metalearning;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.kit.autograd.AdamSteps;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.metalearning.ScaledUpdate.Ways;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Learns, before the loop and over tasks like those to come, where a model should begin, and how
 * far each of its weights should move: Reptile, MAML and Meta-SGD of first order, and a split into
 * representation and head.
 *
 * <p>With {@link Builder#optRemember} a round learns one task as it comes and another one after it,
 * and asks for both, so that what is learnt is to learn without forgetting. The values are in the
 * model afterwards, for any listener. No derivative is of second order.
 *
 * <p>Runs on the calling thread, on the model's device; nothing else may train the model meanwhile.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MetaTrainer {

    /** How a task is learnt within a round; best as in the loop to come. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public enum Inner {
        /** Gradient descent. */
        SGD,
        /** Adam, whose moments begin anew with each task. */
        ADAM
    }

    private final Builder options;
    private final Model model;
    private final Loss loss;
    private final Iterable<? extends MetaTask> tasks;
    private final SplittableRandom random;
    private final List<MetaTask> seen = new ArrayList<>();

    private MetaTrainer(
            Builder options, Model model, Loss loss, Iterable<? extends MetaTask> tasks) {
        this.options = options;
        this.model = model;
        this.loss = loss;
        this.tasks = tasks;
        this.random = new SplittableRandom(options.seed);
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Learns; the model has the values of the best report then.
     *
     * @return the step sizes and what was reported, to be closed
     * @throws EngramException if there are no tasks, or a loss is not finite; the model is as it
     *     was then
     */
    public MetaOutcome train() {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss)
                        .optDevices(new Device[] {model.getNDManager().getDevice()});
        try (Trainer trainer = model.newTrainer(config)) {
            requireValues();
            return new Run(trainer).all();
        }
    }

    private void requireValues() {
        if (!model.getBlock().isInitialized()) {
            throw new EngramException(
                    "MetaTrainer: the model's block has no values: call"
                        + " block.initialize(model.getNDManager(), DataType.FLOAT32, shape of the"
                        + " inputs), or load one");
        }
    }

    /** One training, from its first round to its last. */
    private final class Run {

        private final NDManager manager;
        private final MetaWeights weights;
        private final StepSizes sizes;
        private final MetaRound round;
        private final AdamSteps outer;
        private final NDArray lossSum;
        private final List<MetaProgress> reports = new ArrayList<>();
        private Iterator<? extends MetaTask> stream = tasks.iterator();
        private @Nullable Kept best;
        private int roundsSince;

        Run(Trainer trainer) {
            manager = trainer.getManager().newSubManager();
            weights = new MetaWeights(model.getBlock(), manager);
            sizes =
                    new StepSizes(
                            RequiredEngine.get().newBaseManager(manager.getDevice()),
                            options.per,
                            options.initial);
            round = new MetaRound(options, trainer, weights, sizes);
            outer = new AdamSteps(options.outerRate, manager);
            lossSum = manager.zeros(new Shape());
        }

        MetaOutcome all() {
            Map<String, NDArray> start = weights.copy(manager);
            try {
                boolean isOver = false;
                int done = 0;
                while (!isOver && done < options.rounds) {
                    round(next());
                    done++;
                    isOver =
                            (done % options.reportEvery == 0 || done == options.rounds)
                                    && report(done);
                }
                weights.clearGradients();
                return new MetaOutcome(reports, isOver, best == null ? sizes : best.restore());
            } catch (RuntimeException | Error e) {
                weights.set(start);
                sizes.close();
                throw e;
            }
        }

        private MetaTask next() {
            if (!stream.hasNext()) {
                stream = tasks.iterator();
                if (!stream.hasNext()) {
                    throw new EngramException("MetaTrainer: there are no tasks to learn from");
                }
            }
            return stream.next();
        }

        private void round(MetaTask task) {
            MetaTask earlier = earlier(task);
            try (NDManager work = manager.newSubManager();
                    Ways ways = new Ways(work)) {
                Map<String, NDArray> start = weights.copy(work);
                lossSum.addi(round.run(task, earlier, ways, work));
                roundsSince++;
                if (options.method == MetaMethod.REPTILE) {
                    goPartOfTheWay(start);
                } else {
                    learnSizes(ways);
                    weights.set(start);
                    outer.step(weights.leaves());
                }
            }
        }

        private @Nullable MetaTask earlier(MetaTask task) {
            MetaTask chosen =
                    options.remember > 0 && !seen.isEmpty()
                            ? seen.get(random.nextInt(seen.size()))
                            : null;
            if (!seen.contains(task)) {
                seen.add(task);
            }
            if (seen.size() > options.remembered) {
                seen.remove(0);
            }
            return chosen == task ? null : chosen;
        }

        private void goPartOfTheWay(Map<String, NDArray> start) {
            weights.clearGradients();
            start.forEach(
                    (name, was) -> {
                        NDArray value = weights.value(name);
                        try (NDArray way = value.sub(was)) {
                            way.muli(options.outerRate).addi(was);
                            EngineMemory.write(way, value);
                        }
                    });
        }

        private void learnSizes(Ways ways) {
            if (options.method != MetaMethod.META_SGD) {
                return;
            }
            weights.leaves()
                    .forEach(
                            (name, leaf) -> {
                                NDArray way = Objects.requireNonNull(ways.of(name), name);
                                NDArray own = sizes.of(name, leaf);
                                try (NDArray gradient = leaf.getGradient();
                                        NDArray derivative =
                                                ScaledUpdate.derivative(gradient, way, own)) {
                                    ScaledUpdate.learn(
                                            own, derivative, options.stepRate, true, options.most);
                                }
                            });
        }

        /** Returns whether it is over. */
        private boolean report(int done) {
            double loss =
                    options.validation.isEmpty() ? lossSum.getFloat() / roundsSince : validate();
            lossSum.subi(lossSum.duplicate());
            roundsSince = 0;
            if (!Double.isFinite(loss)) {
                throw new EngramException(
                        "MetaTrainer: after %d rounds the loss is %s: lower optInnerRate or optOuterRate"
                                .formatted(done, loss));
            }
            boolean isBest = best == null || loss < best.loss;
            if (isBest) {
                keep(loss, reports.size());
            }
            MetaProgress progress = new MetaProgress(done, loss, isBest);
            reports.add(progress);
            options.progress.accept(progress);
            return best != null && reports.size() - 1 - best.report >= options.patience;
        }

        private double validate() {
            double sum = 0;
            MetaTask earlier = options.validation.get(options.validation.size() - 1);
            for (MetaTask task : options.validation) {
                try (NDManager work = manager.newSubManager();
                        Ways ways = new Ways(work)) {
                    Map<String, NDArray> start = weights.copy(work);
                    boolean remembers = options.remember > 0 && earlier != task;
                    sum += round.run(task, remembers ? earlier : null, ways, work).getFloat();
                    weights.set(start);
                    weights.clearGradients();
                }
                earlier = task;
            }
            return sum / options.validation.size();
        }

        private void keep(double loss, int report) {
            if (best != null) {
                best.close();
            }
            best = new Kept(loss, report);
        }

        /** What the best report was of. */
        private final class Kept {

            final double loss;
            final int report;
            private final NDManager owner = manager.newSubManager();
            private final Map<String, NDArray> values = weights.copy(owner);
            private final StepSizes then = sizes.copy(owner);

            Kept(double loss, int report) {
                this.loss = loss;
                this.report = report;
            }

            StepSizes restore() {
                weights.set(values);
                then.byName().forEach(sizes::put);
                return sizes;
            }

            void close() {
                owner.close();
            }
        }
    }

    /** Builds a {@link MetaTrainer}. */
    public static final class Builder {

        private @Nullable Model model;
        private @Nullable Loss loss;
        private @Nullable Iterable<? extends MetaTask> tasks;
        MetaMethod method = MetaMethod.META_SGD;
        Inner inner = Inner.SGD;
        double innerRate = 0.1;
        int innerSteps = 5;
        double remember;
        private double outerRate = 1e-3;
        private double stepRate = 0.01;
        private Granularity per = Granularity.ELEMENT;
        private double initial = 1;
        private double most = 10;
        private int rounds = 1000;
        private int reportEvery = 50;
        private int patience = Integer.MAX_VALUE;
        private int remembered = 20;
        private long seed = 1;
        private List<MetaTask> validation = List.of();
        private Consumer<MetaProgress> progress = report -> {};
        private Predicate<String> head = name -> false;

        private Builder() {}

        /** Sets the model, whose block has values; they are changed in place. */
        public Builder setModel(Model model) {
            this.model = model;
            return this;
        }

        /** Sets the loss that tasks are learnt under. */
        public Builder setLoss(Loss loss) {
            this.loss = loss;
            return this;
        }

        /** Sets the stream of tasks; where it ends before the rounds do, it begins anew. */
        public Builder setTasks(Iterable<? extends MetaTask> tasks) {
            this.tasks = tasks;
            return this;
        }

        /** Sets the method; {@link MetaMethod#META_SGD} unless set. */
        public Builder optMethod(MetaMethod method) {
            this.method = method;
            return this;
        }

        /** Sets how tasks are learnt within a round; five steps of SGD at 0.1 unless set. */
        public Builder optInner(Inner inner, double rate, int steps) {
            this.inner = inner;
            this.innerRate = rate;
            this.innerSteps = steps;
            return this;
        }

        /**
         * Sets how fast the initialisation is learnt, 0.001 unless set: Adam's rate, or with {@link
         * MetaMethod#REPTILE} the share of the way; 0 leaves the initialisation as it is.
         */
        public Builder optOuterRate(double rate) {
            this.outerRate = rate;
            return this;
        }

        /**
         * Sets the weight that earlier tasks have in the query; 0 unless set: none is asked for.
         *
         * @param share 0 to below 1
         * @param tasks among how many of those just seen the earlier one is chosen
         */
        public Builder optRemember(double share, int tasks) {
            this.remember = share;
            this.remembered = tasks;
            return this;
        }

        /** Sets how fast step sizes are learnt, normalised; 0.01 unless set. */
        public Builder optStepRate(double rate) {
            this.stepRate = rate;
            return this;
        }

        /** Sets what has a step size, where it begins, and how large it may become. */
        public Builder optStepSizes(Granularity per, double initial, double most) {
            this.per = per;
            this.initial = initial;
            this.most = most;
            return this;
        }

        /**
         * Sets the head for {@link MetaMethod#OML}: the parameters, by path name, in which tasks
         * are learnt.
         */
        public Builder optHead(Predicate<String> head) {
            this.head = head;
            return this;
        }

        /** Sets the most rounds, each of which learns a task; 1000 unless set. */
        public Builder optRounds(int rounds) {
            this.rounds = rounds;
            return this;
        }

        /** Sets who is told of progress, after every so many rounds. */
        public Builder optProgress(int everyRounds, Consumer<MetaProgress> progress) {
            this.reportEvery = everyRounds;
            this.progress = progress;
            return this;
        }

        /** Ends after so many reports without a better one; never unless set. */
        public Builder optPatience(int reports) {
            this.patience = reports;
            return this;
        }

        /** Sets tasks that say how good it is; without them the stream's own do. */
        public Builder optValidation(List<? extends MetaTask> tasks) {
            this.validation = List.copyOf(tasks);
            return this;
        }

        /** Sets the seed of which earlier task is chosen; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        boolean isHead(String name) {
            return head.test(name);
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if something is missing, or out of its bounds
         */
        public MetaTrainer build() {
            if (model == null || loss == null || tasks == null) {
                throw new InvalidOptionException(
                        "MetaTrainer: set the model, the loss and the tasks (setModel, setLoss,"
                                + " setTasks)");
            }
            requirePositive("optInner: rate", innerRate);
            requirePositive("optInner: steps", innerSteps);
            requirePositive("optRounds", rounds);
            requirePositive("optProgress: rounds", reportEvery);
            requirePositive("optPatience", patience);
            requirePositive("optRemember: tasks", remembered);
            if (!(remember >= 0 && remember < 1)) {
                throw new InvalidOptionException(
                        "optRemember(%s): give 0 to below 1".formatted(remember));
            }
            return new MetaTrainer(this, model, loss, tasks);
        }

        private static void requirePositive(String option, double value) {
            if (!(value > 0 && Double.isFinite(value))) {
                throw new InvalidOptionException(
                        "%s is %s: give more than 0".formatted(option, value));
            }
        }
    }
}
