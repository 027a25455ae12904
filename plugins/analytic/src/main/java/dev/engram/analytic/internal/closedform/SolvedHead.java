package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.api.EngramException;

/**
 * A linear layer's weights: outputs are {@code h·weight + bias}.
 *
 * @param weight a column a class, in float64
 * @param bias one number a class, in float64; zeros where the layer has none
 * @param lambda what was added to the diagonal, 0 if nothing was
 */
public record SolvedHead(NDArray weight, NDArray bias, double lambda) implements AutoCloseable {

    /**
     * The bias of outputs whose class has not been seen, where a seen class's own output may be
     * below zero.
     */
    private static final double UNSEEN = -1e9;

    /** Returns one whose classes without samples can never win. */
    public static SolvedHead of(
            NDArray weight, NDArray bias, double lambda, HeadStatistics sums, boolean hasBias) {
        try (NDArray unseen = bias.getManager().create(UNSEEN)) {
            for (int i = 0; i < sums.classes() && hasBias; i++) {
                if (sums.count(i) == 0) {
                    bias.set(new NDIndex(i), unseen);
                }
            }
        }
        return new SolvedHead(weight, bias, lambda);
    }

    /** Returns one of which no class has samples (any more). */
    public static SolvedHead ofNothing(HeadStatistics sums, boolean hasBias, NDManager owner) {
        NDArray weight = owner.zeros(new Shape(sums.width(), sums.classes()), DataType.FLOAT64);
        NDArray bias = owner.zeros(new Shape(sums.classes()), DataType.FLOAT64);
        return of(weight, bias, 0, sums, hasBias);
    }

    /** Returns as many weights as a layer has units: rows are classes, as DJL keeps them. */
    public NDArray weightOf(long units, NDManager owner) {
        long classes = requireRoom(units);
        NDArray wide = owner.zeros(new Shape(units, weight.getShape().get(0)), DataType.FLOAT64);
        try (NDArray rows = weight.transpose()) {
            wide.set(new NDIndex(":{}, :", classes), rows);
        }
        return wide;
    }

    /** Returns as many biases as a layer has units. */
    public NDArray biasOf(long units, NDManager owner) {
        long classes = requireRoom(units);
        NDArray wide = owner.full(new Shape(units), (float) UNSEEN, DataType.FLOAT64);
        wide.set(new NDIndex(":{}", classes), bias);
        return wide;
    }

    private long requireRoom(long units) {
        long classes = weight.getShape().get(1);
        if (classes > units) {
            throw new EngramException(
                    "%d classes were learnt, but the layer has %d outputs: build it with at least as many units as there are classes"
                            .formatted(classes, units));
        }
        return classes;
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
    }
}
