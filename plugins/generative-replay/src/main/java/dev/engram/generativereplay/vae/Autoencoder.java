package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.generativereplay.internal.network.Decoder;
import dev.engram.generativereplay.internal.network.Elbo;
import dev.engram.generativereplay.internal.network.Encoder;
import dev.engram.generativereplay.internal.network.Layer;
import dev.engram.generativereplay.internal.network.LearntValues;
import dev.engram.generativereplay.internal.samples.Rows;
import dev.engram.generativereplay.internal.statistics.Noise;
import dev.engram.kit.autograd.Scaled;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A decoder while it learns a task, with an encoder of its own and, of each class of the task, the
 * distribution of codes that it is to come to.
 *
 * @param encoder sees inputs, or what the model's own layers say of them
 * @param decoder makes inputs of codes
 * @param latent numbers of a code
 * @param made values of the decoder
 * @param aside values of all else, which go when the task is learnt
 */
record Autoencoder(
        Encoder encoder, Decoder decoder, int latent, LearntValues made, LearntValues aside) {

    private static final String MEANS = "prior-means";
    private static final String SPREADS = "prior-spreads";
    private static final Layer MEAN = new Layer("code-mean");
    private static final Layer SPREAD = new Layer("code-spread");

    /**
     * Draws the values of the encoder, and of the distributions of codes.
     *
     * @param classes how many the task has
     */
    void begin(int classes, boolean hasClassPrior, SplittableRandom random) {
        encoder.begin(aside, random);
        MEAN.begin(aside, encoder.width(), latent, random);
        SPREAD.begin(aside, encoder.width(), latent, random);
        aside.draw(MEANS, new Shape(classes, latent), hasClassPrior ? 1 : 0, random);
        aside.draw(SPREADS, new Shape(classes, latent), 0, random);
    }

    /** Says whether passes are recorded, so that gradients can be asked for. */
    void train(boolean trains, boolean hasClassPrior) {
        made.train(trains);
        aside.train(trains);
        if (!hasClassPrior) {
            aside.get(MEANS).setRequiresGradient(false);
            aside.get(SPREADS).setRequiresGradient(false);
        }
    }

    /** Returns all values by name, those of the decoder first; their names differ. */
    Map<String, NDArray> values() {
        Map<String, NDArray> all = new LinkedHashMap<>(made.all());
        all.putAll(aside.all());
        return all;
    }

    /**
     * Returns the negative evidence lower bound, a mean over rows and numbers.
     *
     * @param weight of the divergence; the bound itself has 1
     * @param call owns what must outlive the backward pass
     */
    NDArray bound(Inputs inputs, double weight, SplittableRandom random, NDManager call) {
        NDArray seen = encoder.of(inputs.seen(), aside);
        NDArray mean = MEAN.of(seen, aside);
        NDArray spread = SPREAD.of(seen, aside);
        NDArray noise = Noise.of(mean.getShape(), 1, random, call);
        NDArray codes = mean.add(Scaled.by(0.5, spread).exp().mul(noise));
        NDArray divergence =
                Elbo.divergence(mean, spread, prior(MEANS, inputs), prior(SPREADS, inputs));
        NDArray each = reconstruction(codes, inputs.wanted()).add(Scaled.by(weight, divergence));
        return mean(each, inputs.wanted());
    }

    /** The rows go with the inputs, and not with the values that they are taken of. */
    private NDArray prior(String name, Inputs inputs) {
        NDArray rows = aside.get(name).get(inputs.of());
        rows.attach(inputs.of().getManager());
        return rows;
    }

    /** Returns how badly codes are decoded to what they stand for, a mean over rows and numbers. */
    NDArray distance(NDArray codes, Inputs.Wanted wanted) {
        return mean(reconstruction(codes, wanted), wanted);
    }

    private NDArray reconstruction(NDArray codes, Inputs.Wanted wanted) {
        NDArray logOdds = decoder.of(codes, wanted.gates(), made).add(wanted.logOdds());
        return Elbo.reconstruction(wanted.units(), logOdds);
    }

    private static NDArray mean(NDArray each, Inputs.Wanted wanted) {
        return Scaled.by(1.0 / wanted.units().getShape().get(1), each.mean());
    }

    /** Returns codes of inputs as the encoder draws them, which the manager owns. */
    NDArray codes(NDArray inputs, SplittableRandom random, NDManager call) {
        NDArray seen = encoder.of(inputs, aside);
        NDArray mean = MEAN.of(seen, aside);
        NDArray deviation = SPREAD.of(seen, aside).mul(0.5f).exp();
        NDArray codes = deviation.mul(Noise.of(mean.getShape(), 1, random, call)).add(mean);
        codes.attach(call);
        return codes;
    }

    /** Returns the mean of the codes that a class of the task is to come to, in a row. */
    NDArray priorMeans(int which, NDManager call) {
        return row(MEANS, which, call);
    }

    /** Returns their deviations. */
    NDArray priorDeviations(int which, NDManager call) {
        return row(SPREADS, which, call).mul(0.5f).exp();
    }

    private NDArray row(String name, int which, NDManager call) {
        return Rows.of(aside.get(name), new int[] {which}, call);
    }
}
