package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A TorchScript model that multiplies by the cosines of constant positions, as decoders do.
 *
 * <p>{@code scripted-decoder.pt} is that of {@code SmallTasks.torchScript()} with {@code fc1(x) *
 * cos(arange(16))} in place of {@code fc1(x)}.
 */
class TorchScriptDecoderTest {

    private static final String OPTIMIZER = "ai.djl.pytorch.graph_optimizer";

    /** The engine remembers the property for each thread; other tests may have turned it off. */
    @BeforeEach
    void optimizerIsOnAsAtTheStart() throws Exception {
        System.setProperty(OPTIMIZER, "true");
        try (Model model = decoder()) {
            predict(model);
        }
        System.clearProperty(OPTIMIZER);
    }

    @AfterEach
    void forget() {
        System.clearProperty(OPTIMIZER);
    }

    @Test
    void aDecoderThatIsMeasuredBeforeItsFirstTaskLearnsTwo() throws Exception {
        try (Model model = decoder();
                ForgettingListener listener = listener()) {
            try (NDManager manager = model.getNDManager().newSubManager();
                    Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                trainer.evaluate(input(manager));
                EasyTrain.fit(trainer, 1, Toy.dataset(manager, 0, 64), null);
            }
            predict(model);
            Toy.fit(model, 1, 1, Toy.adam(), listener);
            predict(model);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(System.getProperty(OPTIMIZER)).isEqualTo("false");
        }
    }

    @Test
    void whatTheUserWantsOfTheOptimizerStays() throws Exception {
        System.setProperty(OPTIMIZER, "true");
        try (Model model = decoder();
                ForgettingListener listener = listener()) {
            Toy.fit(model, 0, 1, Toy.adam(), listener);
            assertThat(System.getProperty(OPTIMIZER)).isEqualTo("true");
        }
    }

    @Test
    void modelsWithoutTorchScriptLeaveItAlone() {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener()) {
            Toy.fit(model, 0, 1, Toy.adam(), listener);
            assertThat(System.getProperty(OPTIMIZER)).isNull();
        }
    }

    private static ForgettingListener listener() {
        return ForgettingListener.builder().addStrategy("ewc-online").build();
    }

    private static void predict(Model model) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            var store = new ai.djl.training.ParameterStore(manager, false);
            model.getBlock().forward(store, input(manager), false);
        }
    }

    private static NDList input(NDManager manager) {
        return new NDList(manager.ones(new Shape(4, Toy.FEATURES)));
    }

    private static Model decoder() throws Exception {
        Path folder =
                Path.of(TorchScriptDecoderTest.class.getResource("/scripted-decoder.pt").toURI())
                        .getParent();
        Model model = Model.newInstance("scripted-decoder", "PyTorch");
        model.load(folder, "scripted-decoder", Map.of("trainParam", "true"));
        return model;
    }
}
