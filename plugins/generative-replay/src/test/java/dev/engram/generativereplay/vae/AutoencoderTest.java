package dev.engram.generativereplay.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.generativereplay.internal.network.LearntValues;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AutoencoderTest {

    private static final List<ClassOfTask> CLASSES =
            List.of(
                    new ClassOfTask("first", List.of(0.0), 5),
                    new ClassOfTask("first", List.of(1.0), 5));

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** All values are learnt, those of the classes' distributions included. */
    @Test
    void theGradientOfTheBoundIsThatOfDifferences() {
        assertGradients(new Architecture(false, 5, 2, 1, 2, 0.3, 1), new Shape(6), true);
    }

    @Test
    void soItIsOfConvolutions() {
        assertGradients(new Architecture(true, 5, 1, 2, 2, 0.3, 1), new Shape(1, 6, 5), true);
    }

    @Test
    void aStandardPriorIsNotLearnt() {
        assertGradients(new Architecture(false, 5, 1, 1, 2, 0.3, 1), new Shape(6), false);
    }

    private void assertGradients(Architecture shape, Shape input, boolean learnsPrior) {
        Form form = new Form(input, DataType.FLOAT32, new Shape(), DataType.FLOAT32);
        SplittableRandom random = new SplittableRandom(3);
        Autoencoder pupil =
                new Autoencoder(
                        shape.encoder(form),
                        shape.decoder(form),
                        shape.latent(),
                        new LearntValues(manager),
                        new LearntValues(manager));
        pupil.decoder().begin(pupil.made(), random);
        pupil.begin(CLASSES.size(), learnsPrior, random);
        moveBiases(pupil);
        Inputs inputs = inputs(shape, form);
        pupil.train(true, learnsPrior);
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            collector.backward(loss(pupil, inputs));
        }
        for (LearntValues values : List.of(pupil.made(), pupil.aside())) {
            for (String name : values.all().keySet()) {
                boolean isPrior = name.startsWith("prior-");
                assertThat(values.get(name).hasGradient()).isEqualTo(learnsPrior || !isPrior);
                if (values.get(name).hasGradient()) {
                    assertGradient(pupil, inputs, values.get(name), name);
                }
            }
        }
    }

    /** At 0 a unit that sees nothing is where a rectifier has no gradient. */
    private void moveBiases(Autoencoder pupil) {
        for (LearntValues values : List.of(pupil.made(), pupil.aside())) {
            for (String name : List.copyOf(values.all().keySet())) {
                if (name.endsWith("-bias")) {
                    values.put(name, manager.randomNormal(values.get(name).getShape()));
                }
            }
        }
    }

    private Inputs inputs(Architecture shape, Form form) {
        NDArray units = manager.randomUniform(0, 1, new Shape(4, form.width()));
        NDArray of = manager.create(new long[] {0, 1, 1, 0});
        NDArray gates = shape.gates(CLASSES, shape.decoder(form).gated(), manager).get(of);
        NDArray logOdds = manager.randomNormal(new Shape(4, form.width()));
        return new Inputs(new Inputs.Wanted(units, logOdds, gates), units, of);
    }

    /** Along its own direction, because single numbers change too little for single precision. */
    private void assertGradient(Autoencoder pupil, Inputs inputs, NDArray value, String name) {
        NDArray gradient = value.getGradient().duplicate();
        value.setRequiresGradient(false);
        double length = Math.sqrt(gradient.square().sum().getFloat());
        NDArray way = gradient.div((float) Math.max(length, 1e-12)).mul(0.01f);
        value.addi(way);
        double more = loss(pupil, inputs).getFloat();
        value.subi(way).subi(way);
        double less = loss(pupil, inputs).getFloat();
        value.addi(way);
        assertThat((more - less) / 0.02).as(name).isCloseTo(length, within(0.02 * length + 2e-4));
    }

    private NDArray loss(Autoencoder pupil, Inputs inputs) {
        return pupil.bound(inputs, 1, new SplittableRandom(9), manager);
    }

    @Test
    void aClassIsClosedTheSameUnitsInEachProcessWhateverOthersThereAre() {
        Architecture shape = new Architecture(false, 100, 1, 1, 2, 0.3, 7);
        NDArray gates = shape.gates(CLASSES, 100, manager);
        assertThat(gates.mean().getFloat()).isCloseTo(0.7f, within(0.1f));
        NDArray again =
                Architecture.read(shape.written()).gates(CLASSES.subList(1, 2), 100, manager);
        assertThat(gates.get("1:2").contentEquals(again)).isTrue();
        assertThat(gates.get(0).contentEquals(gates.get(1))).isFalse();
    }
}
