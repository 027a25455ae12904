package dev.engram.generativereplay;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory directory is searched for the bytes of each sample that was trained on. */
class NoSampleIsKeptTest {

    private static final int SAMPLES = 200;
    private static final int WIDTH = 12;

    /** So many numbers of a sample beside each other are a piece of it. */
    private static final int PIECE = 3;

    @TempDir Path memory;

    @ParameterizedTest
    @ValueSource(strings = {"mixture", "vae"})
    void noPieceOfASampleIsInTheMemory(String id) throws IOException, TranslateException {
        train(id, 0);
        train(id, 1);
        assertThat(files()).hasSizeGreaterThan(2);
        assertThat(found(samples(0))).isZero();
        assertThat(found(samples(1))).isZero();
    }

    @Test
    void thePieceOfASampleThatLiesThereIsFound() throws IOException {
        float[] samples = samples(0);
        byte[] bytes = new byte[4 + 4 * WIDTH];
        ByteBuffer some = little(bytes);
        for (int i = 0; i < WIDTH; i++) {
            some.putFloat(3 + 4 * i, samples[5 * WIDTH + i]);
        }
        Files.write(memory.resolve("kept"), bytes);
        assertThat(found(samples)).isEqualTo(WIDTH - PIECE + 1);
    }

    private void train(String id, int task) throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(1);
        try (Model model = Model.newInstance("searched", Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(id, settings(id))
                                .optMemory(memory.resolve(String.valueOf(task)))
                                .build()) {
            model.setBlock(Linear.builder().setUnits(2).build());
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .addTrainingListeners(listener))) {
                trainer.initialize(new Shape(20, WIDTH));
                EasyTrain.fit(trainer, 1, dataset(manager, task), null);
            }
        }
    }

    /** What a generator learnt in fifty steps lies in the same values as what it learns in more. */
    private static Map<String, ?> settings(String id) {
        return id.equals("vae") ? Map.of("iterations", 50, "hidden", 50) : Map.of();
    }

    private static ArrayDataset dataset(NDManager manager, int task) {
        float[] labels = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = i % 2;
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(samples(task), new Shape(SAMPLES, WIDTH)))
                .optLabels(manager.create(labels))
                .setSampling(20, true)
                .build();
    }

    private static float[] samples(int task) {
        Random random = new Random(task);
        float[] samples = new float[SAMPLES * WIDTH];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) random.nextGaussian();
        }
        return samples;
    }

    private int found(float[] samples) throws IOException {
        int found = 0;
        for (Path file : files()) {
            byte[] bytes = Files.readAllBytes(file);
            for (int row = 0; row < SAMPLES; row++) {
                for (int from = 0; from <= WIDTH - PIECE; from++) {
                    for (byte[] piece : pieces(samples, row * WIDTH + from)) {
                        found += contains(bytes, piece) ? 1 : 0;
                    }
                }
            }
        }
        return found;
    }

    /** Returns a piece in single and in half precision. */
    private static List<byte[]> pieces(float[] samples, int from) {
        byte[] single = new byte[4 * PIECE];
        byte[] half = new byte[2 * PIECE];
        for (int i = 0; i < PIECE; i++) {
            little(single).putFloat(4 * i, samples[from + i]);
            little(half).putShort(2 * i, half(samples[from + i]));
        }
        return List.of(single, half);
    }

    /** Cut off and not rounded: enough for what lies well within the range of half precision. */
    private static short half(float value) {
        int bits = Float.floatToIntBits(value);
        int exponent = Math.max(0, ((bits >>> 23) & 0xff) - 112);
        return (short) (((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff));
    }

    private static boolean contains(byte[] bytes, byte[] piece) {
        for (int at = 0; at <= bytes.length - piece.length; at++) {
            int same = 0;
            while (same < piece.length && bytes[at + same] == piece[same]) {
                same++;
            }
            if (same == piece.length) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(memory)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).toList());
        }
    }
}
