package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.sleep.SettlingGuard;
import dev.engram.api.spi.Role;
import dev.engram.kit.calls.PluginCalls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds each parameter near its anchor, the more firmly the more earlier tasks need it.
 *
 * <p>Adds the gradient of {@code λ/2 Σ Ω (θ - θ*)²} to the batch's in closed form, three operations
 * a parameter, where {@code Ω} is what an {@link ImportanceEstimator} found and {@code θ*} the
 * weights when it did. Any number of tasks costs the same: a sum of quadratics is one quadratic,
 * whose anchor is the importance-weighted mean of theirs ({@link Merging#SUM}: one term a task,
 * Kirkpatrick et al. 2017, equation 3), and the online form keeps the newest anchor and decays the
 * importance ({@link Merging#ONLINE}: Schwarz et al. 2018, section 4; Huszár 2018).
 *
 * <p>The pull {@code λΩ (θ - θ*)} is computed at every {@code renewEvery}-th step and added at
 * every one: two of the three operations are saved in between, and what is added is late by at most
 * {@code renewEvery - 1} steps.
 *
 * <p>{@code λΩ} is capped at {@code 1 / (maxLearningRate renewEvery)}, element by element. Gradient
 * descent with a learning rate up to that one then never steps past the anchor, so every finite λ
 * stays finite; below the cap the penalty is exact.
 *
 * <p>Called by the listener on the training thread. Its arrays live in the guard's own manager.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class QuadraticPenaltyGuard implements SettlingGuard {

    private static final double BEYOND_ANY = 1e30;

    private final String name;
    private final ImportanceEstimator importance;
    private final PenaltyStrength strength;
    private final Merging merging;
    private final double decay;
    private final Scale scale;
    private final double baseLambda;
    private final PenaltyTerms terms;

    private AnchoredParameters anchored = new AnchoredParameters();
    private @Nullable GuardEffect effect;
    private @Nullable AnchoredParameters prepared;
    private final Set<String> unweighed = new TreeSet<>();

    QuadraticPenaltyGuard(Builder builder, ImportanceEstimator importance) {
        this.name = builder.name;
        this.importance = PluginCalls.to(importance);
        this.strength =
                new PenaltyStrength(builder.lambda, builder.maxLearningRate, builder.renewEvery);
        this.merging = builder.merging;
        this.decay = builder.decay;
        this.scale = builder.scale;
        this.baseLambda = builder.baseLambda;
        this.terms = new PenaltyTerms(name, strength);
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.PENALTY);
    }

    @Override
    public boolean needsSamples() {
        return importance.needsSamples();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        importance.onTaskBegin(training);
        discard();
        effect = null;
        terms.beginTask();
        terms.hold(training, anchored, unweighed);
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        importance.onParametersChanged(training);
        terms.hold(training, anchored, unweighed);
    }

    /** It is the estimator that does. */
    @Override
    public boolean looksAtGradients() {
        return importance.looksAtGradients();
    }

    @Override
    public void onGradient(StepView step) {
        importance.onBackward(step);
    }

    @Override
    public void onBackward(StepView step) {
        terms.add(step);
    }

    @Override
    public void onStep(TrainingView training) {
        importance.onStep(training);
    }

    @Override
    public void onEpoch(TrainingView training) {
        importance.onEpoch(training);
        measure();
        terms.beginEpoch();
    }

    private void measure() {
        effect = terms.effect().orElse(effect);
    }

    @Override
    public void prepareTaskEnd(FinishedTask task) {
        if (effect == null) {
            measure();
        }
        discard();
        prepared = merge(anchored, task, estimate(task));
    }

    private Map<String, NDArray> estimate(FinishedTask task) {
        Map<String, NDArray> found = new HashMap<>(importance.estimate(task));
        ImportanceCheck.check(name, task, found);
        scale.apply(task.parameters(), found, task.scratch());
        return found;
    }

    /**
     * Estimates all tasks' importances anew where the estimator finds them in samples; where it
     * found them on the way of a training that is over, they stay. The anchor moves in any case.
     */
    @Override
    public void onSettled(TrainingView now, List<FinishedTask> tasks) {
        discard();
        if (anchored.isEmpty()) {
            return;
        }
        prepared = anchored.moved(now);
        if (importance.needsSamples() && !tasks.isEmpty()) {
            estimateAnew(tasks);
        }
        commit();
    }

    private void estimateAnew(List<FinishedTask> tasks) {
        AnchoredParameters anew = new AnchoredParameters();
        try {
            for (FinishedTask task : tasks) {
                AnchoredParameters next = merge(anew, task, estimate(task));
                anew.close();
                anew = next;
            }
        } catch (RuntimeException | Error e) {
            anew.close();
            discard();
            throw e;
        }
        discard();
        prepared = anew;
    }

    /** Parameters that were there, and of which an estimator knows nothing, are told of later. */
    private void noteUnweighed(FinishedTask task) {
        task.parameters().forEach(parameter -> unweighed.add(parameter.name()));
        unweighed.removeIf(anchored::knows);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (prepared == null) {
            prepareTaskEnd(task);
        }
        commit();
        noteUnweighed(task);
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        discard();
    }

    @Override
    public void onAnchor(TrainingView training) {
        try (NDManager scratch = training.manager().newSubManager()) {
            Map<String, NDArray> uniform = new HashMap<>();
            for (LiveParameter parameter : training.parameters()) {
                NDArray ones = parameter.value().onesLike();
                ones.attach(scratch);
                uniform.put(parameter.name(), ones);
            }
            prepared = merge(anchored, training, uniform);
            commit();
        }
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    /** Whatever weighs the tasks of its own, a base is weighed by its outputs, without labels. */
    @Override
    public void onBase(FinishedTask base) {
        Map<String, NDArray> found = BaseImportance.of(base);
        ImportanceCheck.check(name, base, found);
        // λ multiplies what is remembered, and was chosen for importance of another kind.
        double share = strength.lambda() == 0 ? 0 : baseLambda / strength.lambda();
        double finite = Math.min(share, BEYOND_ANY);
        found.values().forEach(importance -> importance.muli(finite));
        prepared = merge(anchored, base, found);
        commit();
    }

    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text("scale", scale.name());
        memory.text("merging", merging.name());
        memory.text("unweighed", String.join("\n", unweighed));
        anchored.save(memory);
        importance.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        requireSame("scale", memory.text("scale"), scale.name());
        requireSame("merging", memory.text("merging"), merging.name());
        anchored = AnchoredParameters.restore(memory);
        memory.text("unweighed").stream().flatMap(String::lines).forEach(unweighed::add);
        importance.restore(memory);
    }

    @Override
    public void close() {
        importance.close();
    }

    private AnchoredParameters merge(
            AnchoredParameters earlier, TrainingView view, Map<String, NDArray> found) {
        return merging == Merging.ONLINE
                ? earlier.decayed(view, found, decay)
                : earlier.summed(view, found);
    }

    /** What was prepared becomes the memory; the terms hold arrays of the one before. */
    private void commit() {
        if (prepared != null) {
            terms.release();
            anchored.close();
            anchored = prepared;
            prepared = null;
        }
    }

    private void discard() {
        if (prepared != null) {
            prepared.close();
            prepared = null;
        }
    }

    private void requireSame(String what, Optional<String> stored, String wanted) {
        if (stored.isPresent() && !stored.get().equals(wanted)) {
            throw new EngramException(
                    "The memory of guard \"%s\" was made with %s = %s, but %s is set: set %s = %s, or use"
                                    .formatted(
                                            name,
                                            what,
                                            spelt(stored.get()),
                                            spelt(wanted),
                                            what,
                                            spelt(stored.get()))
                            + " another memory directory");
        }
    }

    /** As it is written in settings. */
    private static String spelt(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Builds a {@link QuadraticPenaltyGuard}. */
    public static final class Builder {

        String name = "penalty";
        @Nullable ImportanceEstimator importance;
        double lambda = 1;
        double baseLambda = 1;
        double maxLearningRate = 0.1;
        int renewEvery = 1;
        Merging merging = Merging.SUM;
        double decay = 1;
        Scale scale = Scale.RAW;

        Builder() {}

        /** Sets what says how much a task needs each parameter; the guard closes it. */
        public Builder setImportance(ImportanceEstimator importance) {
            this.importance = importance;
            return this;
        }

        /** Sets the name under which the guard's memory is kept. */
        public Builder setName(String name) {
            this.name = name;
            return this;
        }

        /** Sets λ, finite and 0 or more; 1 unless set. */
        public Builder optLambda(double lambda) {
            this.lambda = lambda;
            return this;
        }

        /**
         * Sets the strength with which a base is held of which there is no data, in units of the
         * loss per squared change of an output, finite and 0 or more; 1 unless set.
         */
        public Builder optBaseLambda(double baseLambda) {
            this.baseLambda = baseLambda;
            return this;
        }

        /** Sets the learning rate up to which gradient descent must stay stable; 0.1 unless set. */
        public Builder optMaxLearningRate(double maxLearningRate) {
            this.maxLearningRate = maxLearningRate;
            return this;
        }

        /** Sets at which steps the pull is computed anew: 1 (every step) unless set. */
        public Builder optRenewEvery(int steps) {
            this.renewEvery = steps;
            return this;
        }

        /** Sets how the importance of a new task joins that of earlier ones; a sum unless set. */
        public Builder optMerging(Merging merging) {
            this.merging = merging;
            return this;
        }

        /** Sets γ of {@link Merging#ONLINE}, 0 to 1; 1 unless set. */
        public Builder optDecay(double decay) {
            this.decay = decay;
            return this;
        }

        /** Sets the scale of the importance; raw unless set. */
        public Builder optScale(Scale scale) {
            this.scale = scale;
            return this;
        }

        /**
         * Builds the guard.
         *
         * @throws InvalidOptionException if a value is missing or out of bounds, naming them all
         */
        public QuadraticPenaltyGuard build() {
            List<String> problems = new ArrayList<>();
            require(importance != null, "setImportance is missing", problems);
            require(Double.isFinite(lambda) && lambda >= 0, "lambda = " + lambda, problems);
            require(
                    Double.isFinite(baseLambda) && baseLambda >= 0,
                    "baseLambda = " + baseLambda,
                    problems);
            require(
                    maxLearningRate > 0 && Double.isFinite(maxLearningRate),
                    "maxLearningRate = " + maxLearningRate,
                    problems);
            require(renewEvery >= 1, "renewEvery = " + renewEvery + " (1 or more)", problems);
            require(decay >= 0 && decay <= 1, "decay = " + decay + " (0 to 1)", problems);
            if (importance == null || !problems.isEmpty()) {
                throw new InvalidOptionException("Penalty guard: " + String.join("; ", problems));
            }
            return new QuadraticPenaltyGuard(this, importance);
        }

        private static void require(boolean holds, String problem, List<String> problems) {
            if (!holds) {
                problems.add(problem);
            }
        }
    }
}
