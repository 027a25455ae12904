package dev.engram.kit.rehearsal;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.replay.ReplaySource;
import dev.engram.kit.calls.PluginCalls;
import org.jspecify.annotations.Nullable;

/** Builds a {@link RehearsalGuard}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RehearsalGuardBuilder {

    String name = "rehearsal";
    @Nullable ReplaySource source;
    Mixing mixing = Mixing.fixed(0.2);
    Weighing weighing = Weighing.SAMPLES;
    Rehearsal rehearsal = new AddedLoss();
    boolean drawsAllTasks;
    int every = 1;

    RehearsalGuardBuilder() {}

    /** Sets where samples come from; the guard closes it. */
    public RehearsalGuardBuilder setSource(ReplaySource source) {
        this.source = source == null ? null : PluginCalls.to(source);
        return this;
    }

    /** Sets the name under which the guard's memory is kept. */
    public RehearsalGuardBuilder setName(String name) {
        this.name = name;
        return this;
    }

    /** Sets how many samples go with a batch; eight new to two earlier ones unless set. */
    public RehearsalGuardBuilder optMixing(Mixing mixing) {
        this.mixing = mixing;
        return this;
    }

    /** Sets how their losses weigh; by the number of samples unless set. */
    public RehearsalGuardBuilder optWeighing(Weighing weighing) {
        this.weighing = weighing;
        return this;
    }

    /**
     * Sets that only every so manieth step rehearses, with the samples of the steps between: the
     * same ratio for less time, because a pass costs much however few samples it has; 1 unless set.
     */
    public RehearsalGuardBuilder optEvery(int steps) {
        this.every = steps;
        return this;
    }

    /**
     * Makes it A-GEM: the gradient is projected, see {@link ProjectedGradient}.
     *
     * @param memoryStrength γ, 0 or more; 0 is A-GEM as published
     */
    public RehearsalGuardBuilder optProjection(double memoryStrength) {
        this.rehearsal = new ProjectedGradient(memoryStrength);
        return this;
    }

    /**
     * Makes it DER, or DER++ with {@code beta} above 0: stored predictions are rehearsed.
     *
     * @param alpha weight of the squared distance to the stored predictions
     * @param beta weight of the loss under the labels
     */
    public RehearsalGuardBuilder optDarkExperience(double alpha, double beta) {
        this.rehearsal = new DarkExperience(alpha, beta);
        return this;
    }

    /**
     * Makes it ER-ACE: new samples compete only among the classes of their batch.
     *
     * <p>Samples of the task that trains are rehearsed, too, once there are earlier ones: only
     * there do new classes learn to win over old ones. So the source must take samples in while
     * their task trains; one that chooses when the task ends, such as herding, is refused.
     */
    public RehearsalGuardBuilder optAsymmetricLoss() {
        this.rehearsal = new AsymmetricLoss();
        this.drawsAllTasks = true;
        return this;
    }

    /**
     * Builds the guard.
     *
     * @throws InvalidOptionException if there is no source, or one that does not go with the loss
     */
    public RehearsalGuard build() {
        if (source == null) {
            throw new InvalidOptionException("Rehearsal guard: setSource is missing");
        }
        if (every < 1) {
            throw new InvalidOptionException("optEvery(" + every + "): give 1 or more");
        }
        if (drawsAllTasks && !source.isOnline()) {
            throw new InvalidOptionException(
                    "%s: its source chooses samples only when their task ends (such as selection = herding), but ER-ACE rehearses those of the task that trains, or new classes never win over old ones: take reservoir, class-balanced or ring"
                            .formatted(name));
        }
        return new RehearsalGuard(this, source);
    }
}
