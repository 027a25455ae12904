package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.kit.teacher.Teacher;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a task is learnt, moves the weights back towards those of before it: {@code θ ← θ_old + a
 * (θ_new − θ_old)}. While the task trains it does nothing but keep the old weights.
 *
 * <p>A model that was protected or remembered before its first task is the first of the averaged;
 * one that began at random is not.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class WeightAveraging implements ForgettingGuard {

    private static final Logger LOG = LoggerFactory.getLogger(WeightAveraging.class);
    private static final String LEARNT = "learnt";
    private static final double HALF = 0.5;

    /** From here on the weights are those of the new task, as far as anybody could tell. */
    private static final double ALL = 0.95;

    private final AveragingRule rule;
    private final ShareSearch search;
    private final double ema;
    private final Teacher old = new Teacher("old");
    private final Teacher average = new Teacher("ema");
    private final Probes probes = new Probes();
    private final SquaredGradients importance = new SquaredGradients();
    private final KnownShapes shapes = new KnownShapes();
    private int learnt;
    private @Nullable Double kept;
    private @Nullable NDManager undo;
    private Map<String, NDArray> last = Map.of();

    private WeightAveraging(Builder builder) {
        this.rule = builder.rule;
        this.search = new ShareSearch(builder.rule, builder.cost, builder.share, builder.probes);
        this.ema = builder.ema;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return "averaging";
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.AVERAGING);
    }

    @Override
    public boolean needsSamples() {
        return rule == AveragingRule.KL || rule == AveragingRule.PROBES;
    }

    /** Without samples of it, a base has no vote on probes; the listener says so. */
    @Override
    public boolean protectsBase() {
        return rule != AveragingRule.PROBES;
    }

    @Override
    public void onBase(FinishedTask base) {
        count(base);
    }

    @Override
    public void onAnchor(TrainingView training) {
        if (!protectsBase()) {
            throw new EngramException(
                    "averaging with rule probes needs samples: remember(model, dataset), or rule"
                            + " kl");
        }
        count(training);
    }

    private void count(TrainingView training) {
        shapes.take(training);
        learnt++;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        forget();
        kept = null;
        if (learnt > 0) {
            old.take(training.model(), training.manager());
        }
        if (ema > 0) {
            average.take(training.model(), training.manager());
        }
        if (rule == AveragingRule.FISHER) {
            importance.begin(training);
        }
    }

    @Override
    public void onBackward(StepView step) {
        if (step.step() == 1 && step.trainer().getDevices().length > 1) {
            throw new EngramException(
                    "Averaging writes the weights of one device, but the trainer has %s: train on one"
                            .formatted(step.trainer().getDevices().length));
        }
        if (rule == AveragingRule.FISHER) {
            importance.add(step);
        }
    }

    @Override
    public void onStep(TrainingView training) {
        if (ema > 0) {
            average.follow(training, ema);
        }
    }

    /** Before others look at the weights; {@link #onTaskAborted} takes it back. */
    @Override
    public void prepareTaskEnd(FinishedTask task) {
        if (!old.isThere() && !average.isThere()) {
            return;
        }
        NDManager owner = task.manager().newSubManager();
        owner.setName("last weights");
        undo = owner;
        last = task.model().copy(owner);
        task.model().set(old.isThere() ? between(task) : end(task));
    }

    private Map<String, NDArray> between(FinishedTask task) {
        NDManager scratch = task.scratch();
        Line line = new Line(shapes.among(old.values(), scratch), end(task));
        if (rule == AveragingRule.FISHER) {
            Map<String, NDArray> mixed = line.at(importance.shares(scratch), HALF, scratch);
            say(task, line.way(mixed, scratch));
            return mixed;
        }
        double found = search.of(task, line, probes, learnt);
        say(task, found);
        return line.at(found, scratch);
    }

    private void say(FinishedTask task, double found) {
        kept = 1 - found;
        String way = String.format(Locale.ROOT, "%.1f", 100 * found);
        if (found < ALL) {
            LOG.info(
                    "Task \"{}\": the weights are {} % of the way from those before it to those"
                            + " that it ended with",
                    task.task(), way);
        } else {
            LOG.warn(
                    "Task \"{}\": averaging kept next to NOTHING of the weights before it: they are"
                        + " {} % of the way to those that the task ended with. It has too little in"
                        + " common with earlier tasks to be averaged with them. Take \"er\" where"
                        + " samples may be kept, and \"ewc-online\" or \"lora\" where not; or let"
                        + " the task pay more: with rule kl, by a larger cost.",
                    task.task(), way);
        }
    }

    /** Returns what the task ended with: its last weights, or their moving average. */
    private Map<String, NDArray> end(FinishedTask task) {
        Map<String, NDArray> end = new LinkedHashMap<>(last);
        if (average.isThere()) {
            for (LiveParameter one : task.parameters()) {
                NDArray value = average.values().get(one.name());
                if (value != null && value.getShape().equals(one.value().getShape())) {
                    end.put(one.name(), value);
                }
            }
        }
        return end;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (rule == AveragingRule.PROBES && task.sampleCount() > 0) {
            probes.take(task, search.probes());
        }
        if (rule == AveragingRule.FISHER) {
            importance.end(task);
        }
        count(task);
        forget();
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        if (!last.isEmpty()) {
            training.model().set(last);
        }
        importance.abort();
        kept = null;
        forget();
    }

    /** Between tasks: which share of the way the last one was taken back. */
    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(kept).map(share -> GuardEffect.of(0, share));
    }

    private void forget() {
        old.forget();
        average.forget();
        last = Map.of();
        if (undo != null) {
            undo.close();
            undo = null;
        }
    }

    @Override
    public long erase(String subject) {
        return probes.erase(subject);
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(LEARNT, String.valueOf(learnt));
        shapes.save(memory);
        probes.save(memory);
        importance.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        learnt = memory.text(LEARNT).map(Integer::parseInt).orElse(0);
        shapes.restore(memory);
        probes.restore(memory);
        importance.restore(memory);
    }

    /** Builds a {@link WeightAveraging}. */
    public static final class Builder {

        private AveragingRule rule = AveragingRule.KL;
        private double cost = 0.05;
        private double share = 0.5;
        private int probes = 32;
        private double ema;

        Builder() {}

        /** Sets how the share is found; {@link AveragingRule#KL} unless set. */
        public Builder optRule(AveragingRule rule) {
            this.rule = rule;
            return this;
        }

        /**
         * Sets what {@link AveragingRule#KL} may cost the new task, 0 or more; 0.05 unless set. Of
         * classes it is in units of the loss.
         */
        public Builder optCost(double cost) {
            this.cost = cost;
            return this;
        }

        /** Sets the share of the new weights for {@link AveragingRule#FIXED}; 0.5 unless set. */
        public Builder optShare(double share) {
            this.share = share;
            return this;
        }

        /** Sets how many samples {@link AveragingRule#PROBES} keeps of a task; 32 unless set. */
        public Builder optProbes(int probes) {
            this.probes = probes;
            return this;
        }

        /** Sets the decay of the moving average that a task ends with; 0, none, unless set. */
        public Builder optEma(double ema) {
            this.ema = ema;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if a value is out of its bounds
         */
        public WeightAveraging build() {
            if (!(share >= 0 && share <= 1 && cost >= 0 && ema >= 0 && ema < 1 && probes >= 1)) {
                throw new InvalidOptionException(
                        "share = %s and ema = %s: give 0 to 1; cost = %s: 0 or more; probes = %s: give 1 or more"
                                .formatted(share, ema, cost, probes));
            }
            return new WeightAveraging(this);
        }
    }
}
