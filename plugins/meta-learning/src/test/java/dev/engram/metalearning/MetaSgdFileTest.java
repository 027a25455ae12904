package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import dev.engram.tck.support.SmallModels;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody believes that step sizes protect his model that were never learnt, or not on it. */
class MetaSgdFileTest {

    @TempDir private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("sizes.safetensors");
    }

    @Test
    void withoutAFileItSaysThatItIsALowerLearningRateAndNoMore() {
        assertThat(Said.by(() -> learn(Map.of("otherwise", 0.25))))
                .containsOnlyOnce("every weight moves 0.25 of what the optimizer moves it")
                .contains("Learn them with MetaTrainer");
    }

    @Test
    void withOneThatFitsItSaysNothing() {
        write(Scalar.WEIGHT, new Shape(1, 1));
        assertThat(Said.by(() -> learn(Map.of("file", file)))).doesNotContain("meta-sgd");
    }

    @Test
    void aFileThatIsNotThereIsRefusedWhenTheListenerIsBuilt() {
        assertThatThrownBy(() -> listener(Map.of("file", file)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("there is no such file")
                .hasMessageContaining("sizes.safetensors");
    }

    @Test
    void aFileOfAnotherModelIsRefusedBeforeTheFirstStep() {
        write("01Linear_weight", new Shape(3, 3));
        try (Scalar model = new Scalar(0.5);
                ForgettingListener listener = listener(Map.of("file", file))) {
            assertThatThrownBy(() -> model.learn(listener, SmallModels.sgd(0.5f), 2, 1))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("are of another model")
                    .hasMessageContaining(Scalar.WEIGHT)
                    .hasMessageContaining("01Linear_weight");
            assertThat(model.weight()).isEqualTo(0.5);
        }
    }

    @Test
    void withoutAFileItIsNoProtectionOfABase() {
        write(Scalar.WEIGHT, new Shape(1, 1));
        assertThat(MetaSgd.builder().build().protectsBase()).isFalse();
        assertThat(MetaSgd.builder().optFile(file).build().protectsBase()).isTrue();
    }

    private void write(String parameter, Shape shape) {
        try (NDManager manager = NDManager.newBaseManager();
                StepSizes sizes = new StepSizes(manager, Granularity.ELEMENT, 1);
                NDArray half = manager.full(shape, 0.5f)) {
            sizes.put(parameter, half);
            sizes.save(file);
        }
    }

    private static void learn(Map<String, ?> settings) {
        try (Scalar model = new Scalar(0);
                ForgettingListener listener = listener(settings)) {
            model.learn(listener, SmallModels.sgd(0.5f), 2, 3);
            model.learn(listener, SmallModels.sgd(0.5f), -1, 3);
        }
    }

    private static ForgettingListener listener(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("meta-sgd", settings).build();
    }
}
