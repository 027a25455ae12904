package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;

/**
 * How much a squared difference of answers weighs beside a loop's loss, so that it bends about as
 * much as that does: the loop chose its step size for it.
 */
enum Firmness {
    /** As cross entropy, which knows no scale: the sum over classes, {@code min(0.5, 3 / var)}. */
    OF_CLASSES {
        @Override
        double of(NDArray answers, double variance) {
            int dimensions = answers.getShape().dimension();
            double width = dimensions == 2 ? answers.getShape().get(1) : USUAL;
            return width * Math.min(HALF, OF_SPREAD / variance);
        }
    },
    /** As squared differences themselves: the mean, whatever their scale. */
    OF_SQUARES {
        @Override
        double of(NDArray answers, double variance) {
            return HALF;
        }
    },
    /** As absolute differences, whose gradient is 1: the mean, in units of their spread. */
    OF_DISTANCES {
        @Override
        double of(NDArray answers, double variance) {
            return HALF / Math.sqrt(variance);
        }
    };

    private static final double HALF = 0.5;
    private static final double OF_SPREAD = 3;
    private static final int USUAL = 10;

    /** Returns what is right beside a loss; that of classes unless it is one of DJL's others. */
    static Firmness beside(Loss loss) {
        if (loss instanceof L2Loss) {
            return OF_SQUARES;
        }
        return loss instanceof L1Loss ? OF_DISTANCES : OF_CLASSES;
    }

    /**
     * Returns the factor of the mean over all numbers.
     *
     * @param answers of some samples
     * @param variance of all answers, above 0
     */
    abstract double of(NDArray answers, double variance);
}
