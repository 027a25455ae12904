package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
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

    private final AveragingRule rule;
    private final double cost;
    private final double share;
    private final int probeCount;
    private final double ema;
    private final Teacher old = new Teacher("old");
    private final Teacher average = new Teacher("ema");
    private final Probes probes = new Probes();
    private final SquaredGradients importance = new SquaredGradients();
    private int learnt;
    private @Nullable NDManager undo;
    private Map<String, NDArray> last = Map.of();

    private WeightAveraging(Builder builder) {
        this.rule = builder.rule;
        this.cost = builder.cost;
        this.share = builder.share;
        this.probeCount = builder.probes;
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

    @Override
    public boolean protectsBase() {
        return true;
    }

    @Override
    public void onBase(FinishedTask base) {
        learnt++;
    }

    @Override
    public void onAnchor(TrainingView training) {
        learnt++;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        forget();
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
        Line line = new Line(old.values(), end(task));
        if (rule == AveragingRule.FISHER) {
            return line.at(importance.shares(task.scratch()), HALF, task.scratch());
        }
        double found = share(task, line);
        LOG.info(
                "Task \"{}\": the weights are {} % of the way from those before it to those that it"
                        + " ended with",
                task.task(), String.format(Locale.ROOT, "%.1f", 100 * found));
        return line.at(found, task.scratch());
    }

    private double share(FinishedTask task, Line line) {
        SearchedLoss searched = new SearchedLoss(task, line);
        return switch (rule) {
            case KL -> bounded(new NewSamples(task, line));
            case PROBES -> LineSearch.least(at -> searched.ofProbes(at, probes.all(), probeCount));
            case FIXED -> share;
            case INVERSE, FISHER -> 1.0 / (1 + learnt);
        };
    }

    private double bounded(NewSamples samples) {
        double found = LineSearch.least(samples::loss);
        return Math.max(found, LineSearch.lowest(share -> samples.cost(share) <= cost));
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
            probes.take(task, probeCount);
        }
        if (rule == AveragingRule.FISHER) {
            importance.end(task);
        }
        learnt++;
        forget();
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        if (!last.isEmpty()) {
            training.model().set(last);
        }
        importance.abort();
        forget();
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
        probes.save(memory);
        importance.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        learnt = memory.text(LEARNT).map(Integer::parseInt).orElse(0);
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
         * @throws IllegalArgumentException if a value is out of its bounds
         */
        public WeightAveraging build() {
            if (!(share >= 0 && share <= 1 && cost >= 0 && ema >= 0 && ema < 1 && probes >= 1)) {
                throw new IllegalArgumentException(
                        "share = %s and ema = %s: give 0 to 1; cost = %s: 0 or more; probes = %s: give 1 or more"
                                .formatted(share, ema, cost, probes));
            }
            return new WeightAveraging(this);
        }
    }
}
