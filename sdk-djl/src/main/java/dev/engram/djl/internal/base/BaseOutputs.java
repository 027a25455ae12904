package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.internal.gradient.Divergence;
import dev.engram.kit.autograd.GradientProbe;
import dev.engram.kit.autograd.Scaled;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what a base answers: adds {@code w |f(x) - z|²} to the loss, where {@code x} are inputs
 * that the base itself was asked for before it learnt anything new, and {@code z} its answers to
 * them (distillation without data). Runs the model in evaluation mode.
 */
public final class BaseOutputs implements ForgettingGuard {

    /** The name under which the memory keeps it. */
    public static final String NAME = Divergence.BASE_OUTPUTS;

    private static final int AT_ONCE = 64;

    private static final Logger LOG = LoggerFactory.getLogger(BaseOutputs.class);

    private final SplittableRandom random = new SplittableRandom(1);
    private final GradientProbe probe = new GradientProbe();
    private final double strength;
    private @Nullable Dreams dreams;
    private String obstacle = "";
    private boolean isFirstStep = true;
    private boolean rests;
    private @Nullable GuardEffect effect;

    /**
     * Creates it.
     *
     * @param strength of what it adds to the gradient: at 1 at most as much as the loop's own, so
     *     that a small step of gradient descent never goes up the loop's loss
     */
    public BaseOutputs(double strength) {
        this.strength = strength;
    }

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

    /** Returns how firmly it holds. */
    public double strength() {
        return strength;
    }

    /** Returns why the base could not be asked, to follow "because"; empty if it could. */
    public String obstacle() {
        return obstacle;
    }

    @Override
    public void onBase(FinishedTask base) {
        Asked asked = Dreaming.of(base);
        dreams = asked.dreams();
        obstacle = asked.obstacle();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        isFirstStep = true;
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
        int size = Math.min(AT_ONCE, held.count());
        if (isFirstStep) {
            isFirstStep = false;
            rests = isReplaced(step, held, size);
        }
        if (rests) {
            return;
        }
        List<NDArray> before = probe.before(step);
        NDArray loss = pull(step, held, size);
        GradientLimit.Lengths lengths = GradientLimit.keep(step, before, strength);
        if (GradientProbe.isDue(step.step())) {
            probe.after(step, lengths.own(), lengths.added(), loss);
        }
    }

    /**
     * A head that was replaced by another answers what it likes: that is not to be undone. What is
     * known of the base stays in memory, for the case that the next task begins with its head.
     */
    private boolean isReplaced(StepView step, Dreams held, int size) {
        NDList now = answers(step, held.inputs(0, size, step.scratch()));
        if (!held.areForeign(now, size, step.scratch())) {
            return false;
        }
        LOG.warn(
                "When task \"{}\" began, the model answered otherwise than the base that was"
                        + " protected (its last layer was replaced, or it was trained without this"
                        + " listener): the base's answers are held no longer while this task"
                        + " trains.",
                step.task().name());
        return true;
    }

    /** Recorded for autograd inside a collector. */
    private static NDList answers(StepView step, NDArray inputs) {
        NDList now = step.model().predict(new NDList(inputs));
        now.attach(step.scratch());
        return now;
    }

    private NDArray pull(StepView step, Dreams held, int size) {
        int from = random.nextInt(held.count() - size + 1);
        NDArray inputs = held.inputs(from, from + size, step.scratch());
        // What it is may have to be measured, which needs a collector of its own.
        double scale = step.lossScale();
        NDArray loss;
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            NDArray distance =
                    held.distance(answers(step, inputs), from, from + size, step.scratch());
            loss = Scaled.by(scale, distance);
            loss.attach(step.scratch());
            collector.backward(loss);
        }
        return loss;
    }

    @Override
    public void onEpoch(TrainingView training) {
        effect = probe.read().orElse(effect);
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
}
