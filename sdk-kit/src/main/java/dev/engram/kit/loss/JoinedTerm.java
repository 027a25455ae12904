package dev.engram.kit.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.Stable;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.GradientProbe;
import dev.engram.kit.autograd.Scaled;
import java.util.List;
import java.util.Optional;

/**
 * Adds a {@link LossTerm} to each batch of a training: to the loop's own loss where Engram can join
 * it there, which costs no backward pass of its own, and else in a pass beside it. At a few steps
 * the pass is always beside it, so that Engram can measure its share of the gradient.
 *
 * <p>A guard calls {@link #join} from {@code onLoss} and {@link #complete} from {@code onBackward}.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class JoinedTerm {

    private final LossTerm term;
    private final GradientProbe probe = new GradientProbe();

    /** Creates it. */
    public JoinedTerm(LossTerm term) {
        this.term = term;
    }

    /** Returns the term for the loop's own loss; nothing at a step that is measured. */
    public Optional<NDArray> join(LossView batch) {
        if (GradientProbe.isDue(batch.step()) || batch.inputs().isEmpty()) {
            return Optional.empty();
        }
        NDList inputs = new NDList();
        for (NDArray input : batch.inputs()) {
            NDArray handle = input.stopGradient();
            handle.setName(input.getName());
            handle.attach(batch.scratch());
            inputs.add(handle);
        }
        return Optional.of(term.of(batch.model(), inputs, batch::predictions, batch.scratch()));
    }

    /** Adds the gradient of the term for those batches of a step whose losses it is no part of. */
    public void complete(StepView step) {
        boolean measures = GradientProbe.isDue(step.step());
        List<StepBatch> left =
                step.batches().stream()
                        .filter(batch -> measures || !batch.wasJoined())
                        .filter(batch -> !batch.data().isEmpty())
                        .toList();
        if (left.isEmpty()) {
            return;
        }
        // What it is may have to be measured, which needs a collector of its own.
        double weight = step.lossScale() / step.batches().size();
        NDArray sum = backward(step, left, weight);
        if (measures) {
            probe.after(step, sum);
        }
    }

    private NDArray backward(StepView step, List<StepBatch> left, double weight) {
        NDManager scratch = step.scratch();
        GuardedModel model = step.model();
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            NDArray sum = nothing(scratch);
            for (StepBatch batch : left) {
                NDArray own =
                        term.of(model, batch.data(), () -> model.predict(batch.data()), scratch);
                NDArray one = Scaled.by(weight, own);
                one.attach(scratch);
                sum = sum.add(one);
                sum.attach(scratch);
            }
            collector.backward(sum);
            return sum;
        }
    }

    /**
     * Returns a zero that has a gradient: of the features of frozen layers alone the engine would
     * refuse a backward pass, and an array that was computed does not say whether it is one.
     */
    private static NDArray nothing(NDManager scratch) {
        NDArray zero = scratch.zeros(new Shape());
        zero.setRequiresGradient(true);
        return zero;
    }

    /** Forgets what was measured. */
    public void forget() {
        probe.forget();
    }

    /** Returns the term as it was measured last, without its share; waits for the device. */
    public Optional<GuardEffect> read() {
        return probe.read();
    }
}
