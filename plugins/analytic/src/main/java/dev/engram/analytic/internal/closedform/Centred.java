package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.analytic.internal.sums.HeadStatistics;
import java.util.Arrays;

/**
 * A least-squares problem from sums: features and targets around their means where the layer has a
 * bias, which is then free of charge, and as they are where it has none.
 *
 * @param products {@code Σ h hᵀ}
 * @param targets {@code Σ h yᵀ}, {@code y} being 1 for a sample's class and 0 for the others
 * @param square {@code Σ |y|²}
 * @param mean of the features, zeros without a bias; one column
 * @param shares of the classes among the samples, zeros without a bias; one row
 * @param samples how many there are
 */
public record Centred(
        NDArray products,
        NDArray targets,
        double square,
        NDArray mean,
        NDArray shares,
        long samples) {

    /** Returns the problem; {@code scratch} owns its arrays. */
    public static Centred of(HeadStatistics sums, boolean hasBias, NDManager scratch) {
        double samples = sums.samples();
        double[] shares =
                Arrays.stream(sums.counts())
                        .mapToDouble(count -> hasBias ? count / samples : 0)
                        .toArray();
        NDArray products = sums.products().dense(scratch);
        NDArray targets = sums.sums().duplicate();
        targets.attach(scratch);
        NDArray row = scratch.create(shares).reshape(1, shares.length);
        NDArray mean = scratch.zeros(new Shape(sums.width(), 1), DataType.FLOAT64);
        if (hasBias) {
            NDArray total = sums.sums().sum(new int[] {1}, true);
            total.attach(scratch);
            mean.addi(total.div(samples));
            products.subi(mean.matMul(total.transpose()));
            targets.subi(total.matMul(row));
        }
        double square = samples * (1 - Arrays.stream(shares).map(s -> s * s).sum());
        return new Centred(products, targets, square, mean, row, sums.samples());
    }

    public int width() {
        return (int) products.getShape().get(0);
    }

    /** Returns the mean of the diagonal, by which a penalty's strength is measured. */
    public double scale() {
        return Diagonal.mean(products);
    }

    /** Returns the factor of the products with a number added to their diagonal. */
    public Cholesky factor(double lambda, NDManager scratch) {
        NDArray ridge = products.duplicate();
        ridge.attach(scratch);
        Diagonal.add(ridge, lambda);
        return Cholesky.of(ridge, scratch);
    }
}
