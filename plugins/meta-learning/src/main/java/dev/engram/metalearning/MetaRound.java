package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import dev.engram.kit.autograd.AdamSteps;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.Scaled;
import dev.engram.metalearning.MetaTrainer.Inner;
import dev.engram.metalearning.ScaledUpdate.Ways;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One try: an earlier task is learnt as it comes, a task with the step sizes; then the query asks
 * for both, at the weights that this has led to.
 */
final class MetaRound {

    private final MetaTrainer.Builder options;
    private final Trainer trainer;
    private final MetaWeights weights;
    private final StepSizes sizes;

    MetaRound(MetaTrainer.Builder options, Trainer trainer, MetaWeights weights, StepSizes sizes) {
        this.options = options;
        this.trainer = trainer;
        this.weights = weights;
        this.sizes = sizes;
    }

    /**
     * Learns, and leaves the weights where that leads; the gradients are those of the query.
     *
     * @param ways takes how far each weight would have gone for the task at a step size of 1
     * @param work owns what is returned
     * @return the query's loss
     */
    NDArray run(MetaTask task, @Nullable MetaTask earlier, Ways ways, NDManager work) {
        if (earlier != null) {
            learn(earlier, null);
        }
        learn(task, ways);
        double share = earlier == null ? 0 : options.remember;
        NDArray loss = query(task, 1 - share, work);
        if (earlier != null) {
            loss.addi(query(earlier, share, work));
        }
        return loss;
    }

    private void learn(MetaTask task, @Nullable Ways ways) {
        try (NDManager phase = trainer.getManager().newSubManager()) {
            AdamSteps adam = new AdamSteps(options.innerRate, phase);
            for (int i = 0; i < options.innerSteps; i++) {
                try (NDManager step = phase.newSubManager()) {
                    backward(task, 1, step);
                    Map<String, NDArray> before = weights.copy(step);
                    descend(adam);
                    before.forEach((name, was) -> shorten(name, was, ways));
                }
            }
        }
    }

    private NDArray query(MetaTask task, double weight, NDManager work) {
        try (NDManager pass = work.newSubManager()) {
            NDArray loss = backward(task, weight, pass);
            loss.attach(work);
            return loss;
        }
    }

    private NDArray backward(MetaTask task, double weight, NDManager work) {
        try (Batch batch = task.batch(work);
                GradientCollector collector = trainer.newGradientCollector()) {
            NDList labels = batch.getLabels();
            // A recurrent block adds its begin states to the list that it is called with.
            NDList predictions = trainer.forward(new NDList(batch.getData()), labels);
            NDArray loss = Scaled.by(weight, trainer.getLoss().evaluate(labels, predictions));
            collector.backward(loss);
            NDArray cut = loss.stopGradient().duplicate();
            cut.attach(work);
            return cut;
        }
    }

    /** Goes a whole step, and leaves gradients of zero. */
    private void descend(AdamSteps adam) {
        if (options.inner == Inner.ADAM) {
            adam.step(weights.leaves());
            return;
        }
        weights.leaves()
                .forEach(
                        (name, leaf) -> {
                            try (NDArray gradient = leaf.getGradient();
                                    NDArray way = gradient.mul((float) -options.innerRate)) {
                                weights.value(name).addi(way);
                                Cleared.zero(gradient);
                            }
                        });
    }

    private void shorten(String name, NDArray before, @Nullable Ways ways) {
        NDArray value = weights.value(name);
        if (options.method == MetaMethod.OML && !options.isHead(name)) {
            EngineMemory.write(before, value);
        } else if (ways != null) {
            ScaledUpdate.apply(value, before, sizes.of(name, value), way -> ways.add(name, way));
        }
    }
}
