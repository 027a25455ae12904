package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.gradientprojection.internal.energy.InputSum;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What one task feeds into the layers of a model, by weight, and how it needs other elements. */
final class FoundInputs {

    private final NDManager owner;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Map<String, InputSum> sums = new LinkedHashMap<>();
    private final Map<String, NDArray> squares = new LinkedHashMap<>();

    FoundInputs(NDManager owner) {
        this.owner = owner;
    }

    /** Adds rows of what a layer is fed, with the constant of its bias. */
    void add(Layer layer, NDArray rows) {
        layers.put(layer.weight(), layer);
        sums.computeIfAbsent(
                        layer.weight(), any -> new InputSum(rows.getShape().get(1), owner, random))
                .add(rows);
    }

    /** Adds squared gradients of a parameter that is no layer's. */
    void addSquares(String name, NDArray gradient) {
        NDArray square = gradient.square();
        square.attach(owner);
        NDArray sum = squares.putIfAbsent(name, square);
        if (sum != null) {
            sum.addi(square);
            square.close();
        }
    }

    Map<String, Layer> layers() {
        return layers;
    }

    Covariance covariance(String weight) {
        InputSum sum = sums.get(weight);
        if (sum == null) {
            throw new IllegalArgumentException(weight);
        }
        return sum.covariance();
    }

    /** Returns the mean squared gradients of a mean of 1, by path name. */
    Map<String, NDArray> elements() {
        Map<String, NDArray> scaled = new LinkedHashMap<>();
        squares.forEach(
                (name, sum) -> {
                    NDArray mean = sum.mean();
                    mean.attach(owner);
                    NDArray part = sum.div(mean.add(Float.MIN_NORMAL));
                    part.attach(owner);
                    scaled.put(name, part);
                });
        return scaled;
    }
}
