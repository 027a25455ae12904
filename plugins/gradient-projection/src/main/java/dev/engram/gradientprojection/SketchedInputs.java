package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.RandomSigns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Tells what layers are fed from gradients, for any block: with a random sign for each sample and
 * output, the rows of a weight's gradient {@code G} span its inputs, so that the mean of {@code
 * GᵀG} is their covariance, each input weighted by how much the outputs answer to the layer there.
 */
final class SketchedInputs {

    private static final int SAMPLES_A_PASS = 16;
    private static final int MOST_SIGNS = 1 << 18;

    private final SplittableRandom random = new SplittableRandom(1);
    private final FinishedTask task;
    private final FoundInputs found;
    private final List<Layer> layers = new ArrayList<>();
    private final List<LiveParameter> others = new ArrayList<>();

    private SketchedInputs(FinishedTask task, ModelLayers model, FoundInputs found) {
        this.task = task;
        this.found = found;
        for (LiveParameter one : task.parameters()) {
            if (model.isMatrix(one.name())) {
                Layer layer = model.layer(one.name());
                if (!found.layers().containsKey(layer.weight())) {
                    layers.add(layer);
                }
            } else if (!model.isBias(one.name(), found.layers().values())) {
                others.add(one);
            }
        }
    }

    /** Adds what is not found yet of the parameters that train. */
    static void look(FinishedTask task, ModelLayers model, FoundInputs found) {
        SketchedInputs sketch = new SketchedInputs(task, model, found);
        if (!sketch.layers.isEmpty() || !sketch.others.isEmpty()) {
            sketch.run();
        }
    }

    private void run() {
        for (SampleBatch batch : task.samples(SAMPLES_A_PASS)) {
            try (GradientCollector collector = task.newGradientCollector()) {
                collector.backward(signed(task.predict(batch.data()), batch.manager()));
            }
            try (NDManager work = batch.manager().newSubManager()) {
                add(work);
            }
        }
    }

    private NDArray signed(NDList predictions, NDManager manager) {
        NDArray total = manager.zeros(new Shape());
        for (NDArray prediction : predictions) {
            if (prediction.getDataType().isFloating()) {
                NDArray product = signs(prediction, manager).mul(prediction);
                product.attach(manager);
                total = total.add(product.sum());
            }
        }
        total.attach(manager);
        return total;
    }

    /** Of many outputs, as of a vocabulary, products of signs: they are uncorrelated, too. */
    private NDArray signs(NDArray like, NDManager manager) {
        Shape shape = like.getShape();
        NDArray made;
        if (like.size() <= MOST_SIGNS || shape.dimension() < 2) {
            made = RandomSigns.of(shape, random, manager);
        } else {
            Shape last = new Shape(shape.get(shape.dimension() - 1));
            long[] before = shape.getShape().clone();
            before[before.length - 1] = 1;
            NDArray first = RandomSigns.of(new Shape(before), random, manager);
            made = first.mul(RandomSigns.of(last, random, manager));
            made.attach(manager);
        }
        NDArray signs = made.toType(like.getDataType(), false);
        signs.attach(manager);
        return signs;
    }

    private void add(NDManager work) {
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray gradient = parameter.gradient();
            gradient.attach(work);
            gradients.put(parameter.name(), EngineMemory.copy(gradient, work));
            Cleared.zero(gradient);
        }
        layers.forEach(layer -> found.add(layer, layer.matrix(gradients, work)));
        for (LiveParameter other : others) {
            NDArray gradient = gradients.get(other.name());
            if (gradient != null) {
                found.addSquares(other.name(), gradient);
            }
        }
    }
}
