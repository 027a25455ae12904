package dev.engram.lora;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.overlay.Targets;

/** Builds a {@link LoraIsolation}; everything has a default. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LoraIsolationBuilder {

    private LoraVariant variant = LoraVariant.LORA;
    private int rank = 8;
    private double alpha = 16;
    private boolean isRankStabilised;
    private double dropout;
    private String targets = Targets.AUTO;
    private String owned = Targets.AUTO;
    private String feedForward = "";
    private double orthogonality = 0.5;
    private boolean isOverlayOnly;

    LoraIsolationBuilder() {}

    /** Learns magnitude and direction of each row apart (DoRA; Liu et al. 2024). */
    public LoraIsolationBuilder optDecomposed() {
        return variant(LoraVariant.DORA);
    }

    /**
     * Learns a factor for each output instead of an update (IA³; Liu et al. 2022).
     *
     * @param inputsOf regular expression for the path of layers of which inputs are scaled instead;
     *     empty for none
     */
    public LoraIsolationBuilder optRescaling(String inputsOf) {
        this.feedForward = inputsOf;
        return variant(LoraVariant.IA3);
    }

    /**
     * Adds each task's update to those of the earlier ones, in a subspace orthogonal to theirs
     * (O-LoRA; Wang et al. 2023).
     *
     * @param strength the penalty's λ, 0 or more; 0.5 in the paper
     */
    public LoraIsolationBuilder optOrthogonal(double strength) {
        this.orthogonality = strength;
        return variant(LoraVariant.O_LORA);
    }

    /** Sets the rank r, 1 or more; 8 unless set. */
    public LoraIsolationBuilder optRank(int value) {
        this.rank = value;
        return this;
    }

    /** Sets alpha; the update is scaled by alpha/rank; 16 unless set. */
    public LoraIsolationBuilder optAlpha(double value) {
        this.alpha = value;
        return this;
    }

    /** Scales the update by alpha/√rank instead (rsLoRA; Kalajdzievski 2023). */
    public LoraIsolationBuilder optRankStabilised() {
        this.isRankStabilised = true;
        return this;
    }

    /** Sets the dropout of the update's inputs while it trains, 0 (unless set) to below 1. */
    public LoraIsolationBuilder optDropout(double share) {
        this.dropout = share;
        return this;
    }

    /**
     * Sets which weights are adapted, in the patterns of {@code Targets}.
     *
     * <p>{@code auto} unless set: query and value projections where names show them, otherwise all
     * linear and convolutional layers, or all matrices of a TorchScript model but embeddings.
     */
    public LoraIsolationBuilder optTargets(String patterns) {
        this.targets = patterns;
        return this;
    }

    /**
     * Sets of which parameters each task has a whole copy, trained with it; empty for none.
     *
     * <p>{@code auto} unless set: those of the last layer of a {@code SequentialBlock} if that is
     * linear, or of a TorchScript model's {@code classifier} or {@code score}. The statistics of
     * batch normalisations are each task's own in any case.
     */
    public LoraIsolationBuilder optOwned(String patterns) {
        this.owned = patterns;
        return this;
    }

    /**
     * Sends updates through the parameter store also where a linear layer could be replaced;
     * slower, and the same up to rounding.
     */
    public LoraIsolationBuilder optOverlayOnly() {
        this.isOverlayOnly = true;
        return this;
    }

    /**
     * Builds the isolation.
     *
     * @throws EngramException if a value is out of bounds
     */
    public LoraIsolation build() {
        if (rank < 1 || !(dropout >= 0 && dropout < 1) || !Double.isFinite(alpha)) {
            throw new EngramException(
                    "rank %d, alpha %s, dropout %s: the rank is 1 or more, alpha is finite, the dropout is 0 to below 1"
                            .formatted(rank, alpha, dropout));
        }
        return new LoraIsolation(
                new LoraSettings(
                        variant,
                        rank,
                        alpha,
                        isRankStabilised,
                        (float) dropout,
                        targets,
                        owned,
                        feedForward,
                        orthogonality,
                        isOverlayOnly));
    }

    private LoraIsolationBuilder variant(LoraVariant chosen) {
        this.variant = chosen;
        return this;
    }
}
