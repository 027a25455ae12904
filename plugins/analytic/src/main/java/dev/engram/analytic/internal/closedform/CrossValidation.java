package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.analytic.internal.sums.Precision;
import java.util.SplittableRandom;

/**
 * Takes the λ of least generalised cross-validation (Golub, Heath and Wahba 1979): the error of
 * leaving one sample out, which for ridge regression follows from the sums alone.
 *
 * <p>{@code N·|Y − HW|² / (N − tr(H(G + λI)⁻¹Hᵀ))²}. No sample is kept for it, and it is the same
 * whatever the order of the samples. Traces are estimated by random signs (Hutchinson), always the
 * same. Tried are shares of the products' mean diagonal, a factor of 100 apart (the curve is flat),
 * downhill from the middle; which way that is, its slope there says.
 */
public final class CrossValidation implements RidgePenalty {

    private static final int LEAST = -8;

    /** Below it float32's rounding shows. */
    private static final int LEAST_OF_SINGLE = -5;

    private static final int MOST = 2;
    private static final int STEP = 2;
    private static final int BEGIN = -4;
    private static final int SIGNS = 24;
    private static final long SEED = 42;

    /** Up to so many features traces are computed and not estimated. */
    private static final int FEW = 128;

    private final int least;

    private CrossValidation(int least) {
        this.least = least;
    }

    public static CrossValidation of(Precision precision) {
        return new CrossValidation(precision == Precision.DOUBLE ? LEAST : LEAST_OF_SINGLE);
    }

    @Override
    public Choice choose(Centred problem, NDManager scratch) {
        double scale = Math.max(problem.scale(), Double.MIN_NORMAL);
        Search search = new Search(problem, signs(problem.width(), scratch), scale, least, scratch);
        Tried best = search.first();
        return search.downhill(best, best.slope > 0 ? -STEP : STEP).choice;
    }

    private static NDArray signs(int width, NDManager scratch) {
        if (width <= FEW) {
            return scratch.eye(width, width, 0, DataType.FLOAT64);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] signs = new double[width * SIGNS];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        return scratch.create(signs, new Shape(width, SIGNS));
    }

    /**
     * One attempt.
     *
     * @param power of ten of the share
     * @param score less is better
     * @param slope of the score's logarithm by that of λ
     */
    private record Tried(int power, double score, double slope, Choice choice) {}

    /**
     * A search for the penalty of one problem.
     *
     * @param signs columns that estimate traces
     * @param scale the mean diagonal
     * @param least power that is tried
     * @param scratch owns the solutions
     */
    private record Search(
            Centred problem, NDArray signs, double scale, int least, NDManager scratch) {

        /** Begins higher where features that follow from others leave nothing to divide by. */
        Tried first() {
            for (int power = BEGIN; ; power += STEP) {
                try {
                    return attempt(power);
                } catch (ArithmeticException e) {
                    if (power >= MOST) {
                        throw e;
                    }
                }
            }
        }

        Tried downhill(Tried from, int direction) {
            Tried best = from;
            while (best.power + direction >= least && best.power + direction <= MOST) {
                Tried next;
                try {
                    next = attempt(best.power + direction);
                } catch (ArithmeticException e) {
                    return best;
                }
                if (!(next.score < best.score)) {
                    return best;
                }
                best = next;
            }
            return best;
        }

        private Tried attempt(int power) {
            double lambda = scale * Math.pow(10, power);
            try (NDManager work = scratch.newSubManager()) {
                Cholesky factor = problem.factor(lambda, work);
                NDArray both = factor.solve(problem.targets().concat(signs, 1), work);
                long classes = problem.targets().getShape().get(1);
                NDArray weight = both.get(new NDIndex(":, :{}", classes)).duplicate();
                weight.attach(scratch);
                NDArray answers = both.get(new NDIndex(":, {}:", classes));
                double columns = sum(signs.square(), work) / problem.width();
                double trace = sum(answers.mul(signs), work) / columns;
                double traceOfSquare = sum(answers.square(), work) / columns;
                double error =
                        problem.square()
                                - sum(weight.mul(problem.targets()), work)
                                - lambda * sum(weight.square(), work);
                double freedom = problem.samples() - problem.width() + lambda * trace;
                double errorSlope = 2 * lambda * sum(weight.mul(factor.solve(weight, work)), work);
                double slope = errorSlope / error - 2 * (trace - lambda * traceOfSquare) / freedom;
                double score = error / (freedom * freedom);
                boolean isSound = freedom > 0 && error > 0;
                return new Tried(
                        power,
                        isSound ? score : Double.POSITIVE_INFINITY,
                        isSound ? slope : -1,
                        new Choice(lambda, weight));
            }
        }

        private static double sum(NDArray values, NDManager work) {
            values.attach(work);
            try (NDArray sum = values.sum()) {
                return sum.getDouble();
            }
        }
    }
}
