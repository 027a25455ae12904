package dev.engram.generativereplay.vae;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.generativereplay.internal.samples.Rehearsed;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/** A variational autoencoder as a source of samples. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class VaeProvider extends DescribedProvider {

    private static final int MOST = 100_000;
    private static final double SHARE = 0.333;

    private static final Setting<Kind> LAYERS =
            Setting.choice(
                    "layers",
                    Kind.DENSE,
                    "Whether the generator is of dense layers, or convolves images of channels,"
                            + " rows and columns, which takes several times as long.");
    private static final Setting<Sight> ENCODER =
            Setting.choice(
                    "encoder",
                    Sight.OWN,
                    "Whether the encoder sees inputs through layers of its own, or what the model's"
                            + " last layer sees of them (replay through feedback), which costs no"
                            + " layers but says less of what the model does not need.");
    private static final Setting<Integer> HIDDEN =
            Setting.integer(
                    "hidden",
                    400,
                    1,
                    MOST,
                    "Units of a hidden layer; time and what is kept grow with it.");
    private static final Setting<Integer> DEPTH =
            Setting.integer("depth", 1, 1, 20, "Hidden layers of a dense generator, each way.");
    private static final Setting<Integer> CHANNELS =
            Setting.integer(
                    "channels",
                    16,
                    1,
                    1000,
                    "Channels of the first convolution, and before the last; twice as many lie"
                            + " between.");
    private static final Setting<Integer> LATENT =
            Setting.integer("latent", 32, 1, MOST, "Numbers of a code.");
    private static final Setting<Prior> PRIOR =
            Setting.choice(
                    "prior",
                    Prior.CLASS,
                    "Whether codes are driven to a distribution of each class, which is learnt, or"
                            + " all to the standard normal one.");
    private static final Setting<Integer> COMPONENTS =
            Setting.integer(
                    "components",
                    10,
                    0,
                    1000,
                    "How many Gaussians are fitted to the codes of a class when it is learnt, of"
                            + " which codes are drawn then; 0: from the prior. What is kept of each"
                            + " is latent times (latent + 1) numbers in half precision.");
    private static final Setting<Double> GATING =
            Setting.number(
                    "gating",
                    0.1,
                    0,
                    0.99,
                    "Which share of the decoder's hidden units is closed for a class, others for"
                            + " each.");
    private static final Setting<Double> DIVERGENCE =
            Setting.number(
                    "divergence",
                    0.05,
                    0,
                    1000,
                    "How much the divergence of codes from the prior weighs: 1 is the evidence"
                        + " lower bound, and makes blurred samples; less makes sharp ones, as long"
                        + " as components are fitted to the codes.");
    private static final Setting<Integer> ITERATIONS =
            Setting.integer(
                    "iterations",
                    200,
                    1,
                    10_000_000,
                    "Steps that the generator is trained when a task ends: most of what it costs.");
    private static final Setting<Integer> BATCH =
            Setting.integer(
                    "batch",
                    128,
                    2,
                    MOST,
                    "Samples of such a step; from the second task on half of them are what it made"
                            + " of earlier codes.");
    private static final Setting<Double> RATE =
            Setting.number("rate", 3e-3, 1e-9, 1, "Learning rate of the generator's Adam.");
    private static final Setting<Integer> LEAST =
            Setting.integer(
                    "least-samples",
                    20,
                    2,
                    1_000_000,
                    "How many samples a class is learnt of at least, and a Gaussian of codes fitted"
                            + " to; nothing is made of classes with fewer.");
    private static final Setting<Integer> ANSWERS =
            Setting.integer(
                    "answers",
                    0,
                    0,
                    10_000_000,
                    "How many samples are made before a task begins, to be drawn from instead of"
                            + " new ones, with what the model answered to them then: soft targets,"
                            + " to which der and der-plus-plus hold it.");
    private static final Setting<Boolean> AGREEMENT =
            Setting.flag(
                    "agreement",
                    false,
                    "Whether of these only such stay as the model answers with the class that they"
                            + " were made for.");
    private static final Setting<Long> SEED =
            Setting.wholeNumber(
                    "seed",
                    1,
                    Long.MIN_VALUE,
                    Long.MAX_VALUE,
                    "Seed of first values, training and draws.");

    private static final List<Setting<?>> OWN =
            List.of(
                    LAYERS,
                    ENCODER,
                    HIDDEN,
                    DEPTH,
                    CHANNELS,
                    LATENT,
                    PRIOR,
                    COMPONENTS,
                    GATING,
                    DIVERGENCE,
                    ITERATIONS,
                    BATCH,
                    RATE,
                    LEAST,
                    ANSWERS,
                    AGREEMENT,
                    SEED);

    /** Creates the provider; called by {@code ServiceLoader}. */
    public VaeProvider() {
        super(
                "vae",
                "Rehearses samples made by a variational autoencoder that knows classes; keeps"
                        + " none.",
                Set.of(Role.SOURCE),
                Set.of());
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return Rehearsed.and(OWN, SHARE);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                VaeReplay.builder()
                        .optConvolutional(settings.get(LAYERS) == Kind.CONVOLUTIONAL)
                        .optFeedback(settings.get(ENCODER) == Sight.MODEL)
                        .optHidden(settings.get(HIDDEN))
                        .optDepth(settings.get(DEPTH))
                        .optChannels(settings.get(CHANNELS))
                        .optLatent(settings.get(LATENT))
                        .optClassPrior(settings.get(PRIOR) == Prior.CLASS)
                        .optComponents(settings.get(COMPONENTS))
                        .optGating(settings.get(GATING))
                        .optDivergence(settings.get(DIVERGENCE))
                        .optIterations(settings.get(ITERATIONS))
                        .optBatch(settings.get(BATCH))
                        .optRate(settings.get(RATE))
                        .optLeastSamples(settings.get(LEAST))
                        .optAnswers(Rehearsed.answers(settings, ANSWERS))
                        .optAgreement(settings.get(AGREEMENT))
                        .optSeed(settings.get(SEED))
                        .build());
    }

    /** What a generator is made of, as users write it. */
    enum Kind {
        DENSE,
        CONVOLUTIONAL
    }

    /** What codes are driven to, as users write it. */
    enum Prior {
        CLASS,
        STANDARD
    }
}
