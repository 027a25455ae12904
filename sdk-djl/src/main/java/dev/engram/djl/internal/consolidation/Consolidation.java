package dev.engram.djl.internal.consolidation;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.TrainingView;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.guards.SeenTraining;
import dev.engram.djl.internal.model.Layers;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.kit.rows.SampleRows;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a guard sees of a task that has just been learnt.
 *
 * @param loopCollects whether the user's loop holds the only gradient collector
 */
public record Consolidation(
        TrainingView training,
        UniformSample sample,
        Block evaluation,
        ParameterStore store,
        boolean loopCollects,
        NDManager scratch)
        implements FinishedTask, SeenTraining {

    @Override
    public long sampleCount() {
        return sample.size();
    }

    @Override
    public Iterable<SampleBatch> samples(int size) {
        if (!sample.keepsInputs()) {
            throw new EngramException(
                    "No samples of task \"%s\" were kept: every guard says that it needs none (needsSamples)"
                            .formatted(task().name()));
        }
        Device device = scratch.getDevice();
        return sample.batches(size, scratch, device);
    }

    @Override
    public NDList predict(NDList inputs) {
        return pass(inputs, list -> Layers.through(evaluation, store, list));
    }

    @Override
    public NDArray features(NDList inputs) {
        List<Block> layers = Layers.beforeLast(evaluation);
        return layers.isEmpty()
                ? predict(inputs).head()
                : pass(inputs, list -> Layers.through(layers, store, list)).head();
    }

    /** Runs a pass on any number of samples, also on fewer than the model needs. */
    private NDList pass(NDList inputs, UnaryOperator<NDList> run) {
        int fewest = FewestSamples.of(evaluation);
        return inputs.head().getShape().get(0) < fewest
                ? SampleRows.inPieces(inputs, fewest, run)
                : run.apply(inputs);
    }

    @Override
    public GradientCollector newGradientCollector() {
        try {
            return scratch.getEngine().newGradientCollector();
        } catch (IllegalStateException e) {
            throw loopCollects ? LoopCheck.openCollector(e) : e;
        }
    }
}
