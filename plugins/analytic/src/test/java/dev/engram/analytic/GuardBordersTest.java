package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a solved head ends: other bases, other guards, and nothing left. */
class GuardBordersTest {

    private static final int FEW = 40;

    @Test
    void aBaseThatTrainsBetweenBeingRememberedAndTheFirstTaskIsRefused() throws Exception {
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ridge-head").build()) {
            Blobs.fit(model, 0, 5);
            listener.remember(model, Blobs.dataset(manager, 0));
            Blobs.fit(model, 1, 1);
            assertThatThrownBy(() -> Blobs.fit(model, 2, 1, listener))
                    .hasMessageContaining("the base has changed since it was summed over");
        }
    }

    @Test
    void aFrozenBaseIsNotTakenForTheHead() throws Exception {
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ridge-head").build()) {
            Blobs.fit(model, 0, 5);
            Block base = model.getBlock().getChildren().valueAt(0);
            base.freezeParameters(true);
            float[] before = base.getParameters().valueAt(0).getArray().toFloatArray();
            listener.remember(model, Blobs.dataset(manager, 0));
            assertThat(base.getParameters().valueAt(0).getArray().toFloatArray()).isEqualTo(before);
            assertThat(Blobs.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @Test
    void whenAllIsUnlearntNoClassIsLeftAndOthersCanBeLearnt() throws Exception {
        AnalyticGuard guard = AnalyticGuard.of(AnalyticHead.ridge());
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            Blobs.fit(model, 0, 1, listener);
            assertThat(guard.unlearn(model, Blobs.dataset(manager, 0))).isEqualTo(240);
            assertThat(Blobs.outputs(model)).containsOnly(-1e9f);
            assertThat(guard.effect()).isEmpty();
            Blobs.fit(model, 1, 1, listener);
            assertThat(Blobs.accuracy(model, 1)).isGreaterThan(0.9);
        }
    }

    /** Of whole numbers the sums are exact, and so is the covariance of one sample a class: 0. */
    @Test
    void whereTheHeadCannotBeSolvedWithoutThemNothingIsUnlearnt() throws Exception {
        AnalyticGuard guard = AnalyticGuard.of(AnalyticHead.slda().optShrinkage(0));
        try (Model model =
                        Blobs.model(
                                new SequentialBlock()
                                        .add(Linear.builder().setUnits(Blobs.OUTPUTS).build()));
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            try (Trainer trainer = Blobs.trainer(model, listener)) {
                EasyTrain.fit(trainer, 1, wholeNumbers(manager, FEW), null);
            }
            float[] before = Blobs.outputs(model);
            assertThatThrownBy(() -> guard.unlearn(model, wholeNumbers(manager, FEW - 2)))
                    .hasMessageContaining("cannot be inverted");
            assertThat(Blobs.outputs(model)).isEqualTo(before);
            assertThat(guard.unlearn(model, wholeNumbers(manager, FEW))).isEqualTo(FEW);
        }
    }

    private static ArrayDataset wholeNumbers(NDManager manager, int samples) {
        Random random = new Random(3);
        float[] data = new float[samples * Blobs.INPUTS];
        float[] labels = new float[samples];
        for (int i = 0; i < data.length; i++) {
            data[i] = random.nextInt(9);
            labels[i / Blobs.INPUTS] = i / Blobs.INPUTS % 2;
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(data, new Shape(samples, Blobs.INPUTS)))
                .optLabels(manager.create(labels))
                .setSampling(10, false)
                .build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Role.PENALTY,
                Role.REHEARSAL,
                Role.ISOLATION,
                Role.PROJECTION,
                Role.DISTILLATION,
                Role.AVERAGING
            })
    void besideWhateverElseTrainsOrHoldsWeightsItIsRefused(String role) {
        for (String strategy : List.of("ridge-head", "slda", "ncm")) {
            assertThatThrownBy(
                            () ->
                                    ForgettingListener.builder()
                                            .addProvider(new Playing(role))
                                            .addStrategy("other")
                                            .addStrategy(strategy)
                                            .build())
                    .hasMessageContaining(
                            "%s allows no other %s, but other is one".formatted(strategy, role));
        }
    }

    /** Says that it plays a role. */
    private static final class Playing extends DescribedProvider {

        Playing(String role) {
            super("other", "For tests.", Set.of(role), Set.of());
        }

        @Override
        public String spiVersion() {
            return SpiVersion.CURRENT;
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public Strategy create(Settings settings) {
            throw new AssertionError("refused before");
        }
    }
}
