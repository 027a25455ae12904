package dev.engram.djl.internal.consolidation;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.GivenInputs;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.check.WrappedLoss;
import dev.engram.djl.internal.gradient.KeptGradients;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.guards.SeenModel;
import dev.engram.djl.internal.guards.Training;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.djl.internal.parameters.StoreAccess;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** A model before the first step of its first task, for guards to take in what it can do. */
public final class BaseSession implements AutoCloseable {

    private final Trainer trainer;
    private final Guards guards;
    private final Block block;
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
        // Its structure tells what its last layer sees: what stands before it would hide it.
        this.block = IsolatedBlock.usersBlock(trainer.getModel().getBlock());
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
        BatchData given = new GivenInputs(block).of(first);
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
    public void protect(Task task, UniformSample inputs, Predicate<NamedGuard> which) {
        boolean loopCollects = LoopCheck.isCollecting(guards.manager().getEngine());
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(all, scratch);
            try {
                for (GuardSlot slot : guards.slots()) {
                    if (which.test(slot.named())) {
                        FinishedTask base = base(slot, task, inputs, loopCollects, scratch);
                        slot.call(
                                "when it was to protect the base", () -> slot.guard().onBase(base));
                    }
                }
            } finally {
                kept.putBack();
            }
        }
    }

    private FinishedTask base(
            GuardSlot slot,
            Task task,
            UniformSample inputs,
            boolean loopCollects,
            NDManager scratch) {
        TrainingView view =
                new Training(
                        task,
                        known,
                        WrappedLoss.own(trainer.getLoss()),
                        slot.manager(),
                        model()::shown);
        return new Consolidation(
                view, inputs, EvaluationBlocks.of(block), store, loopCollects, scratch);
    }

    private SeenModel model() {
        return new SeenModel(block, store, trainer.getDevices()[0], trainer.getDevices().length);
    }

    @Override
    public void close() {
        LiveParameters.release(all);
    }
}
