package dev.engram.benchmark.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.translate.TranslateException;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.OnnxBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Language models that PyTorch exported, which take a mask beside the tokens. */
class ExportedModelTest {

    private static final Path EXPORTS = Path.of("../../../shared/data/onnx/exports");
    private static final int SAMPLES = 2;
    private static final int LENGTH = 8;
    private static final int LETTERS = 30;

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-eager-dyn", "gpt2-eager-ts", "llama-eager-dyn", "llama-eager-ts"})
    void anExportedBaseRehearsesWhatItWrites(String name) throws IOException, TranslateException {
        Path file = EXPORTS.resolve(name + ".onnx");
        assumeTrue(Files.exists(file), "no " + file);
        try (Model model = Model.newInstance("exported", Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(
                                        "self-rehearsal",
                                        Map.of(
                                                "texts",
                                                8,
                                                "repeated",
                                                1,
                                                "shared",
                                                1,
                                                "share",
                                                0.5))
                                .optBase(Base.PROTECT)
                                .build()) {
            model.setBlock(OnnxBlock.builder().setModel(file).build());
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(new TokenLoss()).addTrainingListeners(listener);
            try (Trainer trainer = model.newTrainer(config)) {
                Shape shape = new Shape(SAMPLES, LENGTH);
                trainer.initialize(shape, shape);
                EasyTrain.fit(trainer, 1, dataset(manager), null);
            }
            assertThat(listener.effect("self-rehearsal").orElseThrow().gradientShare())
                    .isPositive();
        }
    }

    private static ArrayDataset dataset(NDManager manager) {
        int[] tokens = new Random(1).ints(4 * SAMPLES * (LENGTH + 1), 0, LETTERS).toArray();
        NDArray texts =
                manager.create(tokens, new Shape(4 * SAMPLES, LENGTH + 1))
                        .toType(DataType.INT64, false);
        NDArray ids = texts.get(":,0:" + LENGTH);
        return new ArrayDataset.Builder()
                .setData(ids, ids.onesLike())
                .optLabels(texts.get(":,1:"))
                .setSampling(SAMPLES, false)
                .build();
    }
}
