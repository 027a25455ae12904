package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.Trainer;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the optimizer is about to step.
 *
 * <p>Mostly it hears the steps themselves. A loop that updates the weights past its trainer shows
 * none; then batches are counted, as many a step as the user named, or one.
 */
public final class StepRule implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StepRule.class);

    private final Optional<OptimizerSteps> optimizer;
    private final Runnable act;
    private final int named;
    private boolean isHeard;
    private boolean counts;
    private @Nullable List<Double> first;

    /**
     * Begins to listen to a trainer.
     *
     * @param named how many batches make a step, 0 if the user did not say
     * @param act called before the optimizer's step, and without harm once more
     * @param updated called with each parameter that the optimizer has updated
     */
    public StepRule(
            Trainer trainer, int named, Runnable act, BiConsumer<String, NDArray[]> updated) {
        this.act = act;
        this.named = named;
        this.optimizer = OptimizerSteps.of(trainer, this::hear, updated);
        this.counts = optimizer.isEmpty();
        if (counts && named == 0) {
            LOG.warn(
                    "Engram cannot see when this trainer's optimizer steps, so every batch counts"
                            + " as a step. If several batches make one, say how many:"
                            + " optAccumulation(k).");
        }
    }

    /**
     * Looks, until a first step was heard, whether the weights move without one.
     *
     * @return whether that is seen just now: what waited for a step has had it
     */
    public boolean movedUnheard(List<LiveParameter> parameters, NDManager manager) {
        if (isHeard || counts) {
            return false;
        }
        List<Double> now = sums(parameters, manager);
        if (first == null) {
            first = now;
        } else if (!first.equals(now)) {
            counts = true;
            LOG.info(
                    "The weights move without trainer.step(): {} counted as a step"
                            + " (optAccumulation)",
                    named > 1 ? named + " batches are" : "every batch is");
        }
        return counts;
    }

    /** Returns whether the gradients are complete, now that so many batches wait for a step. */
    public boolean isStep(int waiting) {
        return counts && waiting >= named;
    }

    @Override
    public void close() {
        optimizer.ifPresent(OptimizerSteps::close);
    }

    private void hear() {
        isHeard = true;
        first = null;
        if (!counts) {
            act.run();
        }
    }

    /** Waits for the device: only before the first step that a task shows. */
    private static List<Double> sums(List<LiveParameter> parameters, NDManager manager) {
        List<Double> sums = new ArrayList<>();
        for (LiveParameter parameter : parameters) {
            try (NDManager scratch = manager.newSubManager()) {
                NDArray wide = parameter.value().toType(DataType.FLOAT64, true);
                wide.attach(scratch);
                NDArray sum = wide.sum();
                sum.attach(scratch);
                sums.add(sum.getDouble());
            }
        }
        return sums;
    }
}
