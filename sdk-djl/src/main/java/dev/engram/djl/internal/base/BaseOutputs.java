package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.autograd.GradientProbe;
import dev.engram.djl.autograd.Scaled;
import dev.engram.djl.internal.training.EvaluationBlocks;
import dev.engram.djl.internal.training.StoreAccess;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a base answers: adds {@code w mean((f(x) - z)²)} to the loss, where {@code x} are
 * inputs that the base itself was asked for before it learnt anything new, and {@code z} its
 * answers to them (distillation without data). Runs the model in evaluation mode.
 */
public final class BaseOutputs implements ForgettingGuard {

    /** The name under which the memory keeps it. */
    public static final String NAME = "base-outputs";

    private static final int AT_ONCE = 64;

    private final SplittableRandom random = new SplittableRandom(1);
    private final GradientProbe probe = new GradientProbe();
    private @Nullable Dreams dreams;
    private @Nullable Running running;
    private @Nullable GuardEffect effect;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    /** Returns whether it has anything to hold. */
    public boolean holds() {
        return dreams != null;
    }

    @Override
    public void onBase(FinishedTask base) {
        dreams = Dreaming.of(base).orElse(null);
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        running = null;
        probe.forget();
        effect = null;
    }

    @Override
    public void onBackward(StepView step) {
        Dreams held = dreams;
        if (held == null) {
            return;
        }
        if (step.trainer().getDevices().length > 1) {
            throw new EngramException(
                    "Base.PROTECT works on one device, but the trainer has %s: train on one"
                            .formatted(step.trainer().getDevices().length));
        }
        if (GradientProbe.isDue(step.step())) {
            List<NDArray> before = probe.before(step);
            probe.after(step, before, pull(step, held));
        } else {
            pull(step, held);
        }
    }

    private NDArray pull(StepView step, Dreams held) {
        int size = Math.min(AT_ONCE, held.count());
        int from = random.nextInt(held.count() - size + 1);
        NDArray inputs = held.inputs(from, from + size, step.scratch());
        Running model = running(step.trainer());
        NDArray loss;
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            NDList now = model.block().forward(model.store(), new NDList(inputs), false);
            now.attach(step.scratch());
            NDArray distance =
                    held.distance(
                            now, from, from + size, Firmness.beside(step.loss()), step.scratch());
            loss = Scaled.by(step.lossScale(), distance);
            loss.attach(step.scratch());
            collector.backward(loss);
        }
        return loss;
    }

    private Running running(Trainer trainer) {
        Running current = running;
        if (current == null || current.trainer() != trainer) {
            Block block = EvaluationBlocks.of(trainer.getModel().getBlock());
            current = new Running(trainer, block, StoreAccess.of(trainer));
            running = current;
        }
        return current;
    }

    @Override
    public void onEpoch(TrainingView training) {
        effect = probe.read().orElse(effect);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        running = null;
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        running = null;
    }

    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }

    @Override
    public void onAnchor(TrainingView training) {}

    @Override
    public void save(MemoryWriter memory) {
        if (dreams != null) {
            dreams.write(memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        dreams = Dreams.read(memory).orElse(null);
    }

    /** The model in evaluation mode, with the arrays that a trainer updates. */
    private record Running(Trainer trainer, Block block, ParameterStore store) {}
}
