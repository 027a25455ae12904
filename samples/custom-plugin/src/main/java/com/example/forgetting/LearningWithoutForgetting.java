package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.teacher.Teacher;
import java.util.Optional;

/**
 * Learning without forgetting (Li and Hoiem 2016): on the new task's inputs the model keeps the
 * answers that it had when the last task ended, {@code T² KL(softmax(t/T) ‖ softmax(s/T))}.
 */
final class LearningWithoutForgetting implements ForgettingGuard {

    private static final int[] CLASSES = {-1};

    private final double strength;
    private final double temperature;
    private final Teacher teacher = new Teacher("teacher");
    private NDArray lastDistance;
    private Optional<GuardEffect> effect = Optional.empty();

    LearningWithoutForgetting(double strength, double temperature) {
        this.strength = strength;
        this.temperature = temperature;
    }

    @Override
    public String name() {
        return "acme-lwf";
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        effect = Optional.empty();
    }

    @Override
    public void onBackward(StepView step) {
        if (teacher.isThere() && !step.batches().isEmpty()) {
            NDArray distance = EngineMemory.copy(distil(step), step.manager());
            forgetDistance();
            lastDistance = distance;
        }
    }

    /** Adds the gradient of the distance to the old answers, and returns that distance. */
    private NDArray distil(StepView step) {
        double weight = strength * step.lossScale() / step.batches().size();
        NDArray total = step.scratch().create(0f);
        for (StepBatch batch : step.batches()) {
            NDArray wanted = teacher.answers(step.model(), batch.data()).head();
            wanted = wanted.div(temperature).logSoftmax(-1);
            try (GradientCollector collector = step.trainer().newGradientCollector()) {
                NDArray loss = Scaled.by(weight, distance(wanted, step, batch.data()));
                collector.backward(loss);
                total.addi(loss.stopGradient());
            }
        }
        return total;
    }

    /** A number times an array within autograd is {@code Scaled}'s, see there. */
    private NDArray distance(NDArray wanted, StepView step, NDList inputs) {
        NDArray scores = step.model().predict(inputs).head();
        NDArray seen = Scaled.by(1 / temperature, scores).logSoftmax(-1);
        NDArray apart = wanted.exp().mul(wanted.sub(seen)).sum(CLASSES).mean();
        return Scaled.by(temperature * temperature, apart);
    }

    /** Here one may wait for the device. The shares in gradient and update are the runtime's. */
    @Override
    public void onEpoch(TrainingView training) {
        if (lastDistance != null) {
            effect = Optional.of(GuardEffect.ofPenalty(lastDistance.getFloat()));
            forgetDistance();
        }
    }

    private void forgetDistance() {
        if (lastDistance != null) {
            lastDistance.close();
            lastDistance = null;
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        teacher.take(task.model(), task.manager());
    }

    /** A base model without data: its answers are all that is needed. */
    @Override
    public void onAnchor(TrainingView training) {
        teacher.take(training.model(), training.manager());
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    @Override
    public void onBase(FinishedTask base) {
        teacher.take(base.model(), base.manager());
    }

    @Override
    public Optional<GuardEffect> effect() {
        return effect;
    }

    @Override
    public void save(MemoryWriter memory) {
        teacher.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        teacher.restore(memory);
    }
}
