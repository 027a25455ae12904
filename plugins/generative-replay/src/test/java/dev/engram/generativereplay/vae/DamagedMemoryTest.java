package dev.engram.generativereplay.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedMemoryTest {

    private static final int WIDTH = 6;
    private static final int SAMPLES = 60;

    @TempDir Path memory;

    @Test
    void aFileOfAGeneratorThatWasCutIsNamed() throws IOException, TranslateException {
        train("first");
        List<Path> files = files();
        assertThat(files).hasSizeGreaterThan(5);
        for (Path file : files) {
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(whole, whole.length / 2));
            assertThatThrownBy(() -> train("second"))
                    .as(file.toString())
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(file.getFileName().toString());
            Files.write(file, whole);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(memory)) {
            return all.filter(file -> file.getFileName().toString().startsWith("vae."))
                    .sorted()
                    .toList();
        }
    }

    private void train(String task) throws IOException, TranslateException {
        try (Model model = Model.newInstance("damaged", Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("vae", Map.of("hidden", 8, "iterations", 3))
                                .optMemory(memory)
                                .build()) {
            listener.nextTask(task);
            model.setBlock(Linear.builder().setUnits(2).build());
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .addTrainingListeners(listener))) {
                trainer.initialize(new Shape(20, WIDTH));
                EasyTrain.fit(trainer, 1, dataset(manager), null);
            }
        }
    }

    private static ArrayDataset dataset(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.randomNormal(new Shape(SAMPLES, WIDTH)))
                .optLabels(manager.zeros(new Shape(SAMPLES)))
                .setSampling(20, true)
                .build();
    }
}
