package dev.engram.generativereplay.text;

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
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is no language model, or no text, is refused with a reason. */
class RefusedModelsTest {

    private static final int SAMPLES = 4;

    /** Before the first step: what the loop would have trained stays as it was. */
    @Test
    void aClassifierOfTextsIsRefusedBeforeItTrains() {
        try (Model model = Model.newInstance("classifier", Device.cpu());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("self-rehearsal").build()) {
            model.setBlock(
                    new SequentialBlock()
                            .add(new LambdaBlock(Languages::oneHot, "one-hot"))
                            .add(new LambdaBlock(RefusedModelsTest::mean, "mean"))
                            .add(Linear.builder().setUnits(3).build()));
            try (Trainer trainer = trainer(model, listener)) {
                NDArray before = weights(model).duplicate();
                Batch batch = batch(manager, tokens(manager));
                assertThatThrownBy(
                                () -> {
                                    EasyTrain.trainBatch(trainer, batch);
                                    trainer.step();
                                })
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("needs a language model")
                        .hasMessageContaining("(4, 3)");
                assertThat(weights(model)).isEqualTo(before);
            }
        }
    }

    @Test
    void inputsThatAreNoTokenNumbersAreRefused() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = SelfRehearsal.builder().build()) {
            NDList amounts = new NDList(tokens(manager).toType(DataType.FLOAT32, true));
            refuses(() -> learn(source, manager, amounts, amounts), "INT32 or INT64", "float32");
            NDList flat = new NDList(manager.create(new long[SAMPLES]));
            refuses(() -> learn(source, manager, flat, flat), "(batch, length)", "(4)");
        }
    }

    @Test
    void labelsThatAreNoNextTokensAreRefused() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = SelfRehearsal.builder().build()) {
            NDList ids = new NDList(tokens(manager));
            NDList classes = new NDList(manager.create(new float[SAMPLES]));
            refuses(() -> learn(source, manager, ids, classes), "one label for each token");
            NDList other = new NDList(tokens(manager).add(3).mod(2));
            refuses(() -> learn(source, manager, ids, other), "neither the next tokens");
        }
    }

    @Test
    void aLossThatComparesWithTheNextTokenItselfIsServed() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source =
                        SelfRehearsal.builder().optKeep(true).optLongestCopy(0).build()) {
            NDList ids = new NDList(tokens(manager));
            learn(source, manager, ids, ids);
            var drawn = source.draw(Task.named("other"), 8, manager).get(0);
            assertThat(drawn.labels().head()).isEqualTo(drawn.data().head());
        }
    }

    @Test
    void aModelThatLooksAheadIsRefused() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = SelfRehearsal.builder().optKeep(true).build()) {
            NDArray tokens = Languages.tokens(0, SAMPLES, 1, manager);
            NDList data = new NDList(tokens.get(":,0:" + Languages.LENGTH));
            NDList labels = new NDList(tokens.get(":,1:"));
            refuses(
                    () -> new Told(manager).learn(source, "one", data, labels, this::lookingAhead),
                    "left to right",
                    "causal mask");
        }
    }

    /** As models exported from elsewhere take it: samples are padded, texts are not. */
    @Test
    void aModelThatTakesAMaskIsServed() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source =
                        SelfRehearsal.builder().optKeep(true).optLongestCopy(0).build()) {
            NDArray ids = tokens(manager);
            NDArray mask = ids.onesLike();
            mask.set(new NDIndex("0,5:"), 0);
            new Told(manager)
                    .learn(
                            source,
                            "one",
                            new NDList(ids, mask),
                            new NDList(ids),
                            given -> {
                                assertThat(given.get(1).getShape())
                                        .isEqualTo(given.get(0).getShape());
                                return Told.answers(new NDList(given.get(0)));
                            });
            NDList drawn = source.draw(Task.named("other"), 8, manager).get(0).data();
            assertThat(drawn).hasSize(2);
            assertThat(drawn.get(1)).isEqualTo(drawn.get(0).onesLike());
        }
    }

    @Test
    void aModelOfOneLengthIsServed() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source =
                        SelfRehearsal.builder().optKeep(true).optLongestCopy(0).build()) {
            NDArray tokens = manager.arange(SAMPLES * 40).reshape(SAMPLES, 40).mod(6);
            NDArray ids = tokens.toType(DataType.INT32, false);
            NDList data = new NDList(ids.get(":,0:39"));
            NDList labels = new NDList(ids.get(":,1:"));
            new Told(manager)
                    .learn(
                            source,
                            "one",
                            data,
                            labels,
                            given -> {
                                if (given.head().getShape().get(1) != 39) {
                                    throw new IllegalArgumentException("traced for 39");
                                }
                                return Told.answers(given);
                            });
            var drawn = source.draw(Task.named("other"), 8, manager).get(0);
            assertThat(drawn.data().head().getDataType()).isEqualTo(DataType.INT32);
        }
    }

    @Test
    void aModelThatAlwaysSaysTheSameHasNothingToRehearse() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = SelfRehearsal.builder().optKeep(true).build()) {
            NDList ids = new NDList(tokens(manager));
            refuses(
                    () -> new Told(manager).learn(source, "one", ids, ids, this::always),
                    "no text left",
                    "0 texts of 384",
                    "346 as repetitive");
        }
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        assertThatThrownBy(() -> SelfRehearsal.builder().optTexts(0).build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optTexts(0.0)");
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy(
                                                "self-rehearsal", Map.of("first-tokens", "plays"))
                                        .build())
                .hasMessageContaining("\"plays\" is no task and token");
    }

    private static void refuses(Runnable work, String... words) {
        assertThatThrownBy(work::run).isInstanceOf(EngramException.class).message().contains(words);
    }

    private static void learn(SelfRehearsal source, NDManager manager, NDList data, NDList labels) {
        new Told(manager).learn(source, "one", data, labels, Told::answers);
    }

    private static NDArray tokens(NDManager manager) {
        NDArray all = Languages.tokens(0, SAMPLES, 1, manager);
        return all.get(":,0:" + Languages.LENGTH);
    }

    private static NDList mean(NDList hidden) {
        return new NDList(hidden.head().mean(new int[] {1}));
    }

    private NDList lookingAhead(NDList ids) {
        NDArray answers = Told.answers(ids).head();
        return new NDList(answers.add(answers.mean(new int[] {1}, true)));
    }

    private NDList always(NDList ids) {
        NDArray one = Told.answers(ids).head().zerosLike();
        NDArray token = ids.head().getManager().arange(Languages.VOCABULARY).eq(5);
        return new NDList(one.add(token.toType(DataType.FLOAT32, false).mul(40)));
    }

    private static NDArray weights(Model model) {
        return model.getBlock().getParameters().valueAt(0).getArray();
    }

    /** One that fits any model. */
    private static final class AnyLoss extends Loss {

        AnyLoss() {
            super("any");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            return predictions.head().square().mean();
        }
    }

    private static Trainer trainer(Model model, ForgettingListener listener) {
        Engine.getInstance().setRandomSeed(1);
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(new AnyLoss()).addTrainingListeners(listener));
        trainer.initialize(new Shape(SAMPLES, Languages.LENGTH));
        return trainer;
    }

    private static Batch batch(NDManager manager, NDArray ids) {
        return new Batch(
                manager.newSubManager(),
                new NDList(ids),
                new NDList(manager.zeros(ids.getShape(), DataType.INT64)),
                SAMPLES,
                Batchifier.STACK,
                Batchifier.STACK,
                0,
                1);
    }
}
