package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.sample.UniformSample;
import java.util.List;
import java.util.Set;

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
     * Lets every guard protect the base that can, with the loop's gradients out of the way.
     *
     * @param inputs empty; takes the inputs of the batch
     */
    public void protect(Task task, UniformSample inputs, BatchData first) {
        BatchData given = new GivenInputs(trainer.getModel().getBlock()).of(first);
        if (given.getBatch() != null) {
            inputs.observe(given.getBatch().getData(), new NDList(), List.of());
        }
        protect(task, inputs);
    }

    private void protect(Task task, UniformSample inputs) {
        Block evaluation = EvaluationBlocks.of(trainer.getModel().getBlock());
        boolean loopCollects = LoopCheck.isCollecting(guards.manager().getEngine());
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(all, scratch);
            try {
                guards.each(
                        "when it was to protect the base",
                        task,
                        known,
                        trainer.getLoss(),
                        (guard, view) -> {
                            if (guard.protectsBase()) {
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

    @Override
    public void close() {
        LiveParameters.release(all);
    }
}
