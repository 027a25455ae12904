package dev.engram.metalearning;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayDriver;
import dev.engram.api.replay.ReplaySource;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.metalearning.ScaledUpdate.Ways;
import dev.engram.metalearning.internal.samples.TaskSamples;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses, and learns meanwhile how far each weight may move: La-MAML (Gupta et al. 2020).
 *
 * <p>The query of an inner step is the gradient of new and earlier samples together behind it. With
 * {@link LookAhead#STEP} the inner step is the optimizer's own, {@code θ ← before + α ⊙ (after −
 * before)}, and the query is the next step's gradient; with {@link LookAhead#PASS} it is one down
 * the batch's gradient, taken back again. First order; for one inner step the derivative is exact.
 * Earlier tasks are needed: the first task trains as without it.
 *
 * <p>Called by the listener on the training thread; closes its source.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class LaMaml implements ForgettingGuard, ReplayDriver {

    private static final String LEARNT = "has-learnt";

    private final RehearsalGuard rehearsal;
    private final LookAhead lookAhead;
    private final Variant variant;
    private final LearntSteps steps;
    private final double innerRate;
    private boolean hasEarlier;
    private @Nullable Ways ways;
    private boolean hasWays;

    private LaMaml(Builder builder, RehearsalGuard rehearsal) {
        this.rehearsal = rehearsal;
        this.lookAhead = builder.lookAhead;
        this.variant = builder.variant;
        this.innerRate = builder.innerRate;
        this.steps = new LearntSteps(builder);
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return rehearsal.name();
    }

    @Override
    public ReplaySource source() {
        return rehearsal.source();
    }

    @Override
    public Set<String> roles() {
        return rehearsal.roles();
    }

    @Override
    public boolean needsSamples() {
        return rehearsal.needsSamples();
    }

    /** Behind a step that is taken back, terms of others would not be seen in the loop's loss. */
    @Override
    public boolean looksAtGradients() {
        return lookAhead == LookAhead.PASS;
    }

    /** It looks at them in {@link #onBackward}, where it rehearses. */
    @Override
    public void onGradient(StepView step) {}

    @Override
    public void onTaskBegin(TrainingView training) {
        rehearsal.onTaskBegin(training);
        forgetWays();
        steps.begin(training);
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        forgetWays();
    }

    @Override
    public void onBackward(StepView step) {
        if (hasEarlier && lookAhead == LookAhead.PASS) {
            new LookedAhead(step, steps, innerRate).learn(() -> rehearsal.onBackward(step));
        } else {
            rehearsal.onBackward(step);
            if (hasWays && ways != null) {
                steps.learn(step, ways);
            }
        }
        hasWays = false;
    }

    @Override
    public boolean looksAtUpdates() {
        return hasEarlier && variant == Variant.ASYNC;
    }

    @Override
    public void onUpdate(UpdateView update) {
        Ways keeping = null;
        if (lookAhead == LookAhead.STEP) {
            keeping = ways == null ? new Ways(update.manager()) : ways;
            ways = keeping;
            hasWays = true;
        }
        steps.apply(update, keeping);
    }

    @Override
    public void onEpoch(TrainingView training) {
        rehearsal.onEpoch(training);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        rehearsal.onTaskEnd(task);
        steps.end();
        forgetWays();
        hasEarlier = true;
    }

    @Override
    public boolean protectsBase() {
        return rehearsal.protectsBase();
    }

    @Override
    public void onBase(FinishedTask base) {
        rehearsal.onBase(base);
        hasEarlier = true;
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        rehearsal.onTaskAborted(training);
        steps.abort();
        forgetWays();
    }

    private void forgetWays() {
        hasWays = false;
        if (ways != null) {
            ways.close();
            ways = null;
        }
    }

    /** Returns the step sizes as they are now, for a look; empty before they were needed. */
    public Optional<StepSizes> stepSizes() {
        return steps.now();
    }

    @Override
    public Optional<GuardEffect> effect() {
        return rehearsal.effect();
    }

    @Override
    public void continueWithout(Set<String> lost) {
        rehearsal.continueWithout(lost);
    }

    @Override
    public long erase(String subject) {
        return rehearsal.erase(subject);
    }

    @Override
    public int stateVersion() {
        return rehearsal.stateVersion();
    }

    @Override
    public void save(MemoryWriter memory) {
        rehearsal.save(memory);
        memory.text(LEARNT, String.valueOf(hasEarlier));
        steps.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        rehearsal.restore(memory);
        hasEarlier = memory.text(LEARNT).map(Boolean::valueOf).orElse(false);
        steps.restore(memory);
    }

    @Override
    public void close() {
        rehearsal.close();
    }

    /** Builds a {@link LaMaml}. */
    public static final class Builder {

        String name = "la-maml";
        @Nullable ReplaySource source;
        Mixing mixing = Mixing.fixed(0.5);
        Variant variant = Variant.ASYNC;
        LookAhead lookAhead = LookAhead.STEP;
        Granularity per = Granularity.ELEMENT;
        double initial = 1;
        double most = 1;
        double stepRate = 0.03;
        boolean normalised = true;
        double innerRate = 0.01;

        private Builder() {}

        /** Sets where earlier samples come from; the guard closes it. */
        public Builder setSource(ReplaySource source) {
            this.source = source;
            return this;
        }

        /** Keeps so many samples itself, as many of each task, instead of a source. */
        public Builder setSamples(int samples, long seed) {
            this.source = new TaskSamples(samples, seed);
            return this;
        }

        /** Sets the name under which the guard's memory is kept. */
        public Builder optName(String name) {
            this.name = name;
            return this;
        }

        /** Sets how many earlier samples go with a batch; as many as new ones unless set. */
        public Builder optMixing(Mixing mixing) {
            this.mixing = mixing;
            return this;
        }

        /** Sets what step sizes scale; {@link Variant#ASYNC} unless set. */
        public Builder optVariant(Variant variant) {
            this.variant = variant;
            return this;
        }

        /** Sets where the query is taken; {@link LookAhead#STEP} unless set. */
        public Builder optLookAhead(LookAhead lookAhead) {
            this.lookAhead = lookAhead;
            return this;
        }

        /** Sets what has a step size of its own; {@link Granularity#ELEMENT} unless set. */
        public Builder optPer(Granularity per) {
            this.per = per;
            return this;
        }

        /**
         * Sets where step sizes begin and how large they may become; both 1 unless set.
         *
         * @param initial 1 is the optimizer's own step
         * @param most no less than {@code initial}
         */
        public Builder optBounds(double initial, double most) {
            this.initial = initial;
            this.most = most;
            return this;
        }

        /**
         * Sets how fast step sizes are learnt; 0.03, normalised, unless set.
         *
         * @param normalised whether in units of the root of the mean square of their derivatives in
         *     a parameter, so that it does not depend on the size of gradients
         */
        public Builder optStepRate(double rate, boolean normalised) {
            this.stepRate = rate;
            this.normalised = normalised;
            return this;
        }

        /**
         * Sets by how much of the batch's gradient {@link LookAhead#PASS} looks ahead; 0.01 unless
         * set. Of a gradient longer than 2, as published, no more than that counts.
         */
        public Builder optInnerRate(double rate) {
            this.innerRate = rate;
            return this;
        }

        /**
         * Builds the guard.
         *
         * @throws InvalidOptionException if there is no source, or options do not go together
         */
        public LaMaml build() {
            if (source == null) {
                throw new InvalidOptionException("la-maml: setSource or setSamples is missing");
            }
            if (variant == Variant.SYNC && lookAhead == LookAhead.STEP) {
                throw new InvalidOptionException(
                        "variant = sync moves weights as the optimizer does, so that with"
                            + " look-ahead = step no step size would do anything: set look-ahead ="
                            + " pass, or variant = async");
            }
            if (!(initial >= 0 && most >= initial && Double.isFinite(most))) {
                throw new InvalidOptionException(
                        "optBounds(%s, %s): give 0 or more, and no less as the most"
                                .formatted(initial, most));
            }
            return new LaMaml(
                    this,
                    RehearsalGuard.builder()
                            .setName(name)
                            .setSource(source)
                            .optMixing(mixing)
                            .build());
        }
    }
}
