package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.GivenInputs;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.check.WrappedLoss;
import dev.engram.djl.internal.gradient.KeptGradients;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.djl.internal.parameters.StoreAccess;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** A model before the first step of its first task, for guards to take in what it can do. */
public final class BaseSession implements AutoCloseable {

    private final Trainer trainer;
    private final Guards guards;
    private final ParameterStore store;
    private final List<LiveParameter> all;
    private final List<LiveParameter> known;

    /**
     * Opens the model.
     *
     * @param names the parameters that had values before the trainer gave some to the others
     */
    public BaseSession(Trainer trainer, Guards guards, Set<String> names) {
        this.trainer = trainer;
        this.guards = guards;
        this.store = StoreAccess.of(trainer);
        Block block = trainer.getModel().getBlock();
        this.all = LiveParameters.withFrozen(block, store, trainer.getDevices()[0]);
        this.known = all.stream().filter(parameter -> names.contains(parameter.name())).toList();
    }

    /**
     * Returns whether all that trains had values, so that what the model answers means something.
     */
    public boolean isWhole() {
        return known.size() == all.size();
    }

    /**
     * Takes the inputs of a batch.
     *
     * @param inputs empty
     * @param subjects whom they are about, or empty
     */
    public void take(UniformSample inputs, BatchData first, List<String> subjects) {
        BatchData given = new GivenInputs(trainer.getModel().getBlock()).of(first);
        if (given.getBatch() != null) {
            inputs.observe(given.getBatch().getData(), new NDList(), subjects);
        }
    }

    /**
     * Lets guards protect the base, with the loop's gradients out of the way.
     *
     * @param inputs of the next task, perhaps none
     * @param which of them
     */
    public void protect(Task task, UniformSample inputs, Predicate<ForgettingGuard> which) {
        Block evaluation = EvaluationBlocks.of(trainer.getModel().getBlock());
        boolean loopCollects = LoopCheck.isCollecting(guards.manager().getEngine());
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(all, scratch);
            try {
                guards.each(
                        "when it was to protect the base",
                        task,
                        known,
                        WrappedLoss.own(trainer.getLoss()),
                        model()::shown,
                        (guard, view) -> {
                            if (which.test(guard)) {
                                guard.onBase(
                                        new Consolidation(
                                                view,
                                                inputs,
                                                evaluation,
                                                store,
                                                loopCollects,
                                                scratch));
                            }
                        });
            } finally {
                kept.putBack();
            }
        }
    }

    private SeenModel model() {
        Block block = trainer.getModel().getBlock();
        return new SeenModel(block, store, trainer.getDevices()[0], trainer.getDevices().length);
    }

    @Override
    public void close() {
        LiveParameters.release(all);
    }
}
