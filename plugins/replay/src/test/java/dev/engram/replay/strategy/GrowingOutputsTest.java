package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rehearsal of models that get more outputs, or have not one row of them a sample. */
class GrowingOutputsTest {

    @ParameterizedTest
    @ValueSource(strings = {"er", "der", "der-plus-plus", "er-ace"})
    void rehearsalGoesOnWhenTheHeadGetsNewClasses(String strategy) {
        try (Model old = model(2);
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            Toy.fit(old, 0, 10, listener);
            try (Model grown = model(4)) {
                copy(old, grown);
                assertThat(Toy.accuracy(grown, 0)).isGreaterThan(0.9);
                Toy.fit(grown, 1, 10, listener);
                assertThat(Toy.accuracy(grown, 1)).isGreaterThan(0.8);
                // Without rehearsal it is 0; plain DER says nothing of the new outputs.
                assertThat(Toy.accuracy(grown, 0)).isGreaterThan(0.6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"er", "der", "der-plus-plus", "a-gem"})
    void severalRowsOfOutputsASampleAreRehearsedTogether(String strategy) {
        try (Model model = shaped(array -> array.reshape(-1, 3));
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            Loss tokens = new Tokens();
            Toy.fit(model, tokens, twoLabels(model, 0), 2, listener);
            Toy.fit(model, tokens, twoLabels(model, 1), 2, listener);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(listener.effect(strategy).map(e -> e.penalty()).orElse(1.0)).isPositive();
        }
    }

    @Test
    void outputsThatCannotBeKeptBySampleAreRefusedBeforeTheFirstStep() {
        try (Model model = shaped(NDArray::mean);
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("der").build()) {
            assertThatThrownBy(() -> Toy.fit(model, new Itself(), twoLabels(model, 0), 1, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("Predictions of shape ()")
                    .hasMessageContaining("32 samples");
        }
    }

    private static Model model(int outputs) {
        return model(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(32).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(outputs).build()));
    }

    private static Model shaped(UnaryOperator<NDArray> shape) {
        return model(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(6).build())
                        .add(new LambdaBlock(list -> new NDList(shape.apply(list.head())))));
    }

    private static Model model(SequentialBlock block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("growing", Device.cpu());
        model.setBlock(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(32, Toy.FEATURES));
        return model;
    }

    /** The first rows of each parameter are those of the old model. */
    private static void copy(Model old, Model grown) {
        for (int i = 0; i < old.getBlock().getParameters().size(); i++) {
            NDArray from = old.getBlock().getParameters().valueAt(i).getArray();
            NDArray to = grown.getBlock().getParameters().valueAt(i).getArray();
            to.set(new NDIndex("0:" + from.getShape().get(0)), from);
        }
    }

    private static ArrayDataset twoLabels(Model model, int task) {
        NDManager manager = model.getNDManager();
        java.util.Random random = new java.util.Random(task);
        float[] data = new float[128 * Toy.FEATURES];
        float[] labels = new float[128 * 2];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(3);
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(data, new Shape(128, Toy.FEATURES)))
                .optLabels(manager.create(labels, new Shape(128, 2)))
                .setSampling(32, false)
                .build();
    }

    /** Cross-entropy of all labels of all samples. */
    private static final class Tokens extends Loss {

        Tokens() {
            super("tokens");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDList flat = new NDList(labels.head().reshape(-1));
            return Loss.softmaxCrossEntropyLoss().evaluate(flat, predictions);
        }
    }

    /** What the model says is its loss. */
    private static final class Itself extends Loss {

        Itself() {
            super("itself");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            return predictions.head().square();
        }
    }
}
