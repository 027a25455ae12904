package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.generativereplay.internal.mixture.Catalog;
import dev.engram.generativereplay.internal.mixture.MixtureFit;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.kit.autograd.EngineMemory;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How the codes of a class are kept, of which its samples are made again.
 *
 * @param components how many Gaussians are fitted to the codes that its samples have, after
 *     training (Ghosh et al. 2020); 0: the one that training drove them to is taken
 * @param least how many codes a Gaussian is fitted to at least
 */
record CodeMixture(int components, int least) {

    /** Ends of the range that codes are cut to: none. */
    private static final float FAR = 1e30f;

    /**
     * Returns them; waits for the device.
     *
     * @param which the class, among those of the lesson
     * @param owner of what is returned
     */
    Catalog of(
            Autoencoder pupil, Lesson lesson, int which, NDManager owner, SplittableRandom random) {
        ClassOfTask learnt = lesson.classes().get(which);
        Form form = form(lesson.form(), pupil.latent());
        if (components == 0) {
            return prior(pupil, learnt, which, form, owner);
        }
        try (NDManager call = owner.newSubManager()) {
            NDArray codes = pupil.codes(lesson.seen(which, call), random, call);
            MixtureFit fit = new MixtureFit(components, pupil.latent(), least);
            return fit.of(learnt, form, codes, null, owner, random);
        }
    }

    /** Codes are rows of numbers, under the labels of what they stand for. */
    private static Form form(Form of, int latent) {
        return new Form(new Shape(latent), DataType.FLOAT32, of.label(), of.labelType());
    }

    private static Catalog prior(
            Autoencoder pupil, ClassOfTask learnt, int which, Form form, NDManager owner) {
        NDManager next = Catalog.named(owner);
        try (NDManager call = owner.newSubManager()) {
            NDArray deviations = EngineMemory.copy(pupil.priorDeviations(which, call), call);
            NDArray axes = call.eye(pupil.latent()).mul(deviations).expandDims(0);
            NDArray none = call.zeros(new Shape(1, pupil.latent()), DataType.FLOAT16);
            NDArray range = call.create(new float[] {1, -FAR, FAR}, new Shape(1, 3));
            return new Catalog(
                    form,
                    List.of(learnt),
                    List.of(0),
                    List.of(learnt.samples()),
                    EngineMemory.copy(pupil.priorMeans(which, call), next),
                    EngineMemory.copy(range, next),
                    EngineMemory.copy(none, next),
                    EngineMemory.copy(axes.toType(DataType.FLOAT16, false), next),
                    next);
        }
    }
}
