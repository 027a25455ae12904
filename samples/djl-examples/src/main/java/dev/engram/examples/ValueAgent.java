package dev.engram.examples;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.agent.RlAgent;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.modality.rl.env.RlEnv.Step;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.translate.Batchifier;
import ai.djl.translate.StackBatchifier;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Learns what each move is worth, as DJL's {@code QAgent} does, and tells listeners no samples, as
 * it does.
 *
 * <p>DJL's multiplies by its discount inside autograd, where on a CPU the garbage collector may
 * free the number before the backward pass reads it; this one does not.
 */
final class ValueAgent implements RlAgent {

    private final Trainer trainer;
    private final float discount;
    private final Batchifier batchifier = new StackBatchifier();

    ValueAgent(Trainer trainer, float discount) {
        this.trainer = trainer;
        this.discount = discount;
    }

    @Override
    public NDList chooseAction(RlEnv env, boolean training) {
        ActionSpace actions = env.getActionSpace();
        NDList rows = rows(env.getObservation(), actions);
        NDArray worth = trainer.evaluate(rows).singletonOrThrow().squeeze(-1);
        return actions.get(Math.toIntExact(worth.argMax().getLong()));
    }

    @Override
    public void trainBatch(Step[] batchSteps) {
        BatchData seen = new BatchData(null, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        for (Step step : batchSteps) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray worth = worth(step);
                NDList before = new NDList(worth.get(0));
                NDList after = new NDList(target(step, worth));
                collector.backward(trainer.getLoss().evaluate(after, before));
                seen.getLabels().put(after.head().getDevice(), after);
                seen.getPredictions().put(before.head().getDevice(), before);
            }
        }
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, seen));
    }

    /** What the move of a step is worth, and behind it each that can follow, shape (1 + moves). */
    private NDArray worth(Step step) {
        List<NDList> inputs = new ArrayList<>();
        inputs.add(row(step.getPreObservation(), step.getAction()));
        step.getPostActionSpace().forEach(next -> inputs.add(row(step.getPostObservation(), next)));
        NDList rows = batchifier.batchify(inputs.toArray(NDList[]::new));
        return trainer.forward(rows).singletonOrThrow().squeeze(-1);
    }

    private NDArray target(Step step, NDArray worth) {
        if (step.isDone()) {
            return step.getReward();
        }
        return Scaled.by(discount, worth.get("1:").max()).add(step.getReward());
    }

    private NDList rows(NDList observation, ActionSpace actions) {
        return batchifier.batchify(
                actions.stream().map(action -> row(observation, action)).toArray(NDList[]::new));
    }

    private static NDList row(NDList observation, NDList action) {
        return new NDList().addAll(observation).addAll(action);
    }
}
