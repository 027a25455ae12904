package dev.engram.averaging;

import java.util.HashMap;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;

/**
 * Finds where on the line a loss is least: at each fifth, both ends included, then closer around
 * the least. Never worse than the better end.
 */
final class LineSearch {

    private static final int COARSE = 5;
    private static final double[] CLOSER = {0.1, 0.05, 0.025};

    private final DoubleUnaryOperator loss;
    private final Map<Double, Double> seen = new HashMap<>();
    private double best = 1;

    private LineSearch(DoubleUnaryOperator loss) {
        this.loss = loss;
    }

    /**
     * Returns the share of the new weights where the loss is least, 0 to 1; of equals the larger
     * one.
     *
     * @param loss what is not finite is never the least
     */
    static double least(DoubleUnaryOperator loss) {
        LineSearch search = new LineSearch(loss);
        for (int i = COARSE; i >= 0; i--) {
            search.look((double) i / COARSE);
        }
        for (double step : CLOSER) {
            double middle = search.best;
            search.look(middle + step);
            search.look(middle - step);
        }
        return search.best;
    }

    /**
     * Returns the least share down to which, from 1 on, all that was looked at is acceptable, found
     * to a fortieth.
     */
    static double lowest(DoublePredicate isAcceptable) {
        double good = 1;
        for (int i = COARSE - 1; i >= 0; i--) {
            double next = (double) i / COARSE;
            if (!isAcceptable.test(next)) {
                return between(next, good, isAcceptable);
            }
            good = next;
        }
        return good;
    }

    private static double between(double bad, double good, DoublePredicate isAcceptable) {
        double above = good;
        double below = bad;
        for (int i = 0; i < CLOSER.length; i++) {
            double middle = (above + below) / 2;
            if (isAcceptable.test(middle)) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return above;
    }

    private void look(double share) {
        if (share >= 0 && share <= 1 && value(share) < value(best)) {
            best = share;
        }
    }

    private double value(double share) {
        return seen.computeIfAbsent(
                share,
                at -> {
                    double value = loss.applyAsDouble(at);
                    return Double.isFinite(value) ? value : Double.MAX_VALUE;
                });
    }
}
