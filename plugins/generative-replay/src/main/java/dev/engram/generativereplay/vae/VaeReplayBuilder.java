package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.generativereplay.internal.samples.Questions;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link VaeReplay}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class VaeReplayBuilder {

    private boolean isConvolutional;
    private Sight sight = Sight.OWN;
    private int hidden = 400;
    private int depth = 1;
    private int channels = 16;
    private int latent = 32;
    private boolean hasClassPrior = true;
    private int components = 10;
    private double closed = 0.1;
    private double divergence = 0.05;
    private int iterations = 200;
    private int batch = 128;
    private double rate = 3e-3;
    int leastSamples = 20;
    private int answers;
    private boolean mustAgree;
    private @Nullable UnaryOperator<NDList> teacher;
    long seed = 1;

    VaeReplayBuilder() {}

    /** Sets whether it convolves images of channels, rows and columns; no unless set. */
    public VaeReplayBuilder optConvolutional(boolean convolves) {
        this.isConvolutional = convolves;
        return this;
    }

    /**
     * Sets whether the encoder sees what the model's last layer sees, and not the inputs: replay
     * through feedback. No unless set.
     */
    public VaeReplayBuilder optFeedback(boolean seesModel) {
        this.sight = seesModel ? Sight.MODEL : Sight.OWN;
        return this;
    }

    /** Sets how many units a hidden layer has; 400 unless set. */
    public VaeReplayBuilder optHidden(int units) {
        this.hidden = units;
        return this;
    }

    /** Sets how many hidden layers a dense one has each way; 1 unless set. */
    public VaeReplayBuilder optDepth(int layers) {
        this.depth = layers;
        return this;
    }

    /** Sets how many channels the first convolution has; 16 unless set. */
    public VaeReplayBuilder optChannels(int channels) {
        this.channels = channels;
        return this;
    }

    /** Sets how many numbers a code has; 32 unless set. */
    public VaeReplayBuilder optLatent(int numbers) {
        this.latent = numbers;
        return this;
    }

    /**
     * Sets whether each class has a distribution of codes of its own while it is learnt; yes unless
     * set. Without one all have the standard normal one.
     */
    public VaeReplayBuilder optClassPrior(boolean has) {
        this.hasClassPrior = has;
        return this;
    }

    /**
     * Sets how many Gaussians are fitted to the codes of a class when it is learnt; 10 unless set.
     * With 0 codes are drawn from the distribution that training drove them to.
     */
    public VaeReplayBuilder optComponents(int components) {
        this.components = components;
        return this;
    }

    /** Sets which share of the decoder's hidden units is closed for a class; 0.1 unless set. */
    public VaeReplayBuilder optGating(double share) {
        this.closed = share;
        return this;
    }

    /**
     * Sets how much the divergence of codes weighs beside the reconstruction; 0.05 unless set. With
     * 1 it is the evidence lower bound, and samples are blurred.
     */
    public VaeReplayBuilder optDivergence(double weight) {
        this.divergence = weight;
        return this;
    }

    /** Sets how many steps the generator is trained when a task ends; 200 unless set. */
    public VaeReplayBuilder optIterations(int steps) {
        this.iterations = steps;
        return this;
    }

    /** Sets how many samples such a step has; 128 unless set. */
    public VaeReplayBuilder optBatch(int samples) {
        this.batch = samples;
        return this;
    }

    /** Sets the learning rate of the generator's Adam; 0.003 unless set. */
    public VaeReplayBuilder optRate(double rate) {
        this.rate = rate;
        return this;
    }

    /** Sets how many samples a class is learnt of at least; 20 unless set. */
    public VaeReplayBuilder optLeastSamples(int samples) {
        this.leastSamples = samples;
        return this;
    }

    /**
     * Sets how many samples are made before a task begins, to be drawn from instead of new ones,
     * with what the model answered to them then: the predictions that dark experience replay holds
     * it to. None unless set.
     */
    public VaeReplayBuilder optAnswers(int samples) {
        this.answers = samples;
        return this;
    }

    /**
     * Sets that of the samples that are made before a task begins only those stay that are answered
     * with the class that they were made for; no unless set.
     */
    public VaeReplayBuilder optAgreement(boolean mustAgree) {
        this.mustAgree = mustAgree;
        return this;
    }

    /**
     * Sets who answers the samples that are made before a task begins; the model as it is then
     * unless set.
     *
     * @param teacher what another model predicts for inputs, such as one whose head is solved: one
     *     number for each class, in the inputs' manager, without a gradient
     */
    public VaeReplayBuilder optTeacher(UnaryOperator<NDList> teacher) {
        this.teacher = teacher;
        return this;
    }

    /** Sets the seed of first values, training and draws; 1 unless set. */
    public VaeReplayBuilder optSeed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Builds the source.
     *
     * @throws InvalidOptionException if an option is out of bounds
     */
    public VaeReplay build() {
        require(hidden, 1, "optHidden");
        require(depth, 1, "optDepth");
        require(channels, 1, "optChannels");
        require(latent, 1, "optLatent");
        require(components, 0, "optComponents");
        require(iterations, 1, "optIterations");
        require(batch, 2, "optBatch");
        require(answers, 0, "optAnswers");
        require(leastSamples, 2, "optLeastSamples");
        require(
                answers > 0 || !(mustAgree || teacher != null),
                "optAnswers(%s): give how many samples are asked about, or leave out optAgreement"
                        + " and optTeacher",
                answers);
        require(rate > 0 && rate <= 1, "optRate(%s): give a number above 0, up to 1", rate);
        require(closed >= 0 && closed < 1, "optGating(%s): give a share from 0 to 0.99", closed);
        require(
                divergence >= 0 && Double.isFinite(divergence),
                "optDivergence(%s): give 0 or more",
                divergence);
        return new VaeReplay(this);
    }

    Questions questions() {
        return new Questions(answers, teacher, mustAgree);
    }

    Learning learning() {
        return new Learning(
                new Architecture(isConvolutional, hidden, depth, channels, latent, closed, seed),
                new Training(iterations, batch, rate, divergence, hasClassPrior),
                sight,
                new CodeMixture(components, leastSamples));
    }

    private static void require(int value, int least, String option) {
        require(value >= least, option + "(%s): give " + least + " or more", value);
    }

    private static void require(boolean holds, String problem, Number value) {
        if (!holds) {
            throw new InvalidOptionException(problem.formatted(value));
        }
    }
}
