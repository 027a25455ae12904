package dev.engram.generativereplay;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;

/** Builds a {@link MixtureReplay}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MixtureReplayBuilder {

    private static final double MOST_SPREAD = 10;

    int components = 10;
    int rank = 10;
    int leastSamples = 20;
    double spread = 1.2;
    int answers;
    long seed = 1;

    MixtureReplayBuilder() {}

    /** Sets how many Gaussians a class of a task has at most; 10 unless set. */
    public MixtureReplayBuilder optComponents(int components) {
        this.components = components;
        return this;
    }

    /** Sets in how many directions each Gaussian extends at most; 10 unless set. */
    public MixtureReplayBuilder optRank(int rank) {
        this.rank = rank;
        return this;
    }

    /** Sets how many samples a Gaussian is fitted to at least; 20 unless set. */
    public MixtureReplayBuilder optLeastSamples(int samples) {
        this.leastSamples = samples;
        return this;
    }

    /**
     * Sets by what deviations along the axes are longer than those that were seen, which makes up
     * for those that no axis was kept of; 1.2 unless set.
     */
    public MixtureReplayBuilder optSpread(double spread) {
        this.spread = spread;
        return this;
    }

    /**
     * Sets how many samples are made before a task begins, to be drawn from instead of new ones,
     * with what the model answered to them then: the predictions that dark experience replay holds
     * it to. None unless set.
     */
    public MixtureReplayBuilder optAnswers(int samples) {
        this.answers = samples;
        return this;
    }

    /** Sets the seed of fits and draws; 1 unless set. */
    public MixtureReplayBuilder optSeed(long seed) {
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
