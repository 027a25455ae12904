package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.kit.autograd.AdamSteps;
import dev.engram.kit.autograd.Scaled;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Teaches an autoencoder a task, and what its decoder made before, which is replayed: so it forgets
 * no more than a model that rehearses.
 *
 * @param iterations steps a task
 * @param batch samples a step, half of them replayed once there is an earlier task
 * @param rate of Adam
 * @param divergence weight of the divergence beside the reconstruction
 * @param hasClassPrior whether the distributions of codes of classes are learnt
 */
record Training(int iterations, int batch, double rate, double divergence, boolean hasClassPrior) {

    /**
     * Trains.
     *
     * @param recall what was learnt before; null at the first task
     * @param call owns what training needs
     */
    void run(
            Autoencoder pupil,
            Lesson lesson,
            @Nullable Recall recall,
            FinishedTask task,
            SplittableRandom random,
            NDManager call) {
        int fresh = recall == null ? batch : batch - batch / 2;
        try (NDManager moments = call.newSubManager()) {
            AdamSteps adam = new AdamSteps(rate, moments);
            pupil.train(true, hasClassPrior);
            Map<String, NDArray> learnt = pupil.values();
            for (int i = 0; i < iterations; i++) {
                try (NDManager step = moments.newSubManager()) {
                    Inputs inputs = lesson.some(fresh, random, step);
                    try (GradientCollector collector = task.newGradientCollector()) {
                        collector.backward(loss(pupil, inputs, recall, random, step));
                    }
                }
                adam.step(learnt);
            }
        } finally {
            pupil.train(false, hasClassPrior);
        }
    }

    private NDArray loss(
            Autoencoder pupil,
            Inputs inputs,
            @Nullable Recall recall,
            SplittableRandom random,
            NDManager step) {
        NDArray bound = pupil.bound(inputs, divergence, random, step);
        if (recall == null) {
            return bound;
        }
        double share = 1.0 / (recall.tasks() + 1);
        NDArray distance = recall.distance(pupil, batch / 2, random, step);
        return Scaled.by(share, bound).add(Scaled.by(1 - share, distance));
    }
}
