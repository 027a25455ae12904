package dev.engram.gradientprojection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import dev.engram.djl.ForgettingListener;
import dev.engram.gradientprojection.internal.patches.Patches;
import dev.engram.tck.support.SmallModels;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A convolution's inputs are its patches. */
class PatchesTest {

    private static final int SIDE = 5;
    private static final int CHANNELS = 2;
    private static final int SAMPLES = 6;

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1", "2, 1, 1, 1", "1, 1, 2, 1", "1, 2, 1, 2", "3, 4, 1, 1"})
    void theCovarianceIsThatOfThePatchesCutByHand(
            int stride, int padding, int groups, int dilation) {
        GradientProjection guard = GradientProjection.owm(1).build();
        float[] images = images();
        Conv2d convolution = convolution(stride, padding, groups, dilation);
        try (Model model = SmallModels.model(network(convolution));
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            train(model, images, listener);
            try (Captured saved = Captured.of(guard)) {
                float[] kept = saved.covariance("01Conv2d_weight");
                double[] expected = products(images, convolution);
                assertThat(kept).hasSameSizeAs(expected);
                for (int i = 0; i < kept.length; i++) {
                    assertThat((double) kept[i]).isCloseTo(expected[i], within(1e-4));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1", "2, 1, 1, 150", "1, 1, 2, 40", "1, 2, 1, 1", "3, 4, 1, 25"})
    void patchesAreTheSameHoweverFewAreShownAtATime(
            int stride, int padding, int groups, long most) {
        Conv2d convolution = convolution(stride, padding, groups, padding == 2 ? 2 : 1);
        double[] expected = products(images(), convolution);
        int width = (int) Math.sqrt(expected.length);
        double[] sums = new double[expected.length];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Shape shape = new Shape(SAMPLES, CHANNELS, SIDE, SIDE);
            NDArray all = manager.create(images(), shape);
            new Patches(convolution, most)
                    .each(
                            all,
                            manager,
                            rows -> {
                                long numbers = rows.size();
                                assertThat(numbers)
                                        .isLessThanOrEqualTo(Math.max(most, CHANNELS * 6L));
                                add(rows.toFloatArray(), width, sums);
                            });
        }
        double[] found = scaled(sums, width);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-4));
        }
    }

    /** Adds the products of rows with the constant of a bias before them. */
    private static void add(float[] rows, int width, double[] sums) {
        for (int row = 0; row < rows.length / (width - 1); row++) {
            double[] whole = new double[width];
            whole[0] = 1;
            for (int i = 1; i < width; i++) {
                whole[i] = rows[row * (width - 1) + i - 1];
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] += whole[i / width] * whole[i % width];
            }
        }
    }

    /** One sample of 64 channels of 1024 x 1024 would have 600 million numbers in its patches. */
    @Test
    void thePatchesOfOneLargeImageAreShownAFewAtATime() {
        Conv2d convolution = Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(1).build();
        long[] places = {0};
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray one = manager.ones(new Shape(1, 2, 1024, 1024));
            new Patches(convolution)
                    .each(
                            one,
                            manager,
                            rows -> {
                                assertThat(rows.size()).isLessThanOrEqualTo(1 << 22);
                                places[0] += rows.getShape().get(0);
                            });
        }
        assertThat(places[0]).isEqualTo(1022 * 1022);
    }

    /** 16 channels of 256 x 256 have 6.3 million numbers in the patches of one sample. */
    @Test
    void largeImagesAreLookedAtAFewAtATimeAndAllCount() {
        Shape shape = new Shape(SAMPLES, 16, 256, 256);
        GradientProjection guard = GradientProjection.owm(1).build();
        Block network =
                new SequentialBlock()
                        .add(Conv2d.builder().setKernelShape(new Shape(3, 2)).setFilters(1).build())
                        .add(Pool.globalAvgPool2dBlock())
                        .add(Linear.builder().setUnits(2).build());
        try (Model model = SmallModels.model(network);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            // Sample k is k + 1 everywhere: the product of any two inputs is the mean of (k + 1)².
            NDArray one = manager.arange(1f, SAMPLES + 1f).reshape(SAMPLES, 1, 1, 1);
            train(model, one.broadcast(shape), listener);
            try (Captured saved = Captured.of(guard)) {
                float[] kept = saved.covariance("01Conv2d_weight");
                double square = (1 + 4 + 9 + 16 + 25 + 36) / 6.0;
                double unit = 97 / (1 + 96 * square);
                assertThat((double) kept[0]).isCloseTo(unit, within(1e-4));
                assertThat((double) kept[97 + 1]).isCloseTo(square * unit, within(1e-4));
                assertThat((double) kept[1]).isCloseTo(3.5 * unit, within(1e-4));
            }
        }
    }

    private static float[] images() {
        float[] images = new float[SAMPLES * CHANNELS * SIDE * SIDE];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) Math.sin(i * i);
        }
        return images;
    }

    private static Conv2d convolution(int stride, int padding, int groups, int dilation) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 2))
                .setFilters(4)
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(padding, padding))
                .optDilation(new Shape(dilation, dilation))
                .optGroups(groups)
                .build();
    }

    private static SequentialBlock network(Conv2d convolution) {
        return new SequentialBlock()
                .add(convolution)
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private static void train(Model model, float[] images, ForgettingListener listener) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            Shape shape = new Shape(SAMPLES, CHANNELS, SIDE, SIDE);
            train(model, manager.create(images, shape), listener);
        }
    }

    private static void train(Model model, NDArray data, ForgettingListener listener) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(SmallModels.sgd(0.01f))
                                        .addTrainingListeners(listener))) {
            trainer.initialize(data.getShape());
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(data)
                            .optLabels(manager.create(new float[] {0, 1, 0, 1, 0, 1}))
                            .setSampling(3, false)
                            .build();
            EasyTrain.fit(trainer, 1, dataset, null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static double[] products(float[] images, Conv2d of) {
        int stride = (int) of.getStride().get(0);
        int padding = (int) of.getPadding().get(0);
        int dilation = (int) of.getDilation().get(0);
        int groups = of.getGroups();
        int inputs = CHANNELS / groups;
        int width = 1 + inputs * 6;
        double[] sums = new double[width * width];
        int high = (SIDE + 2 * padding - 2 * dilation - 1) / stride + 1;
        int wide = (SIDE + 2 * padding - dilation - 1) / stride + 1;
        for (int place = 0; place < SAMPLES * groups * high * wide; place++) {
            int x = place % wide;
            int y = place / wide % high;
            int group = place / wide / high % groups;
            int sample = place / wide / high / groups;
            double[] patch = new double[width];
            patch[0] = 1;
            for (int i = 0; i < width - 1; i++) {
                int column = x * stride - padding + dilation * (i % 2);
                int row = y * stride - padding + dilation * (i / 2 % 3);
                int channel = group * inputs + i / 6;
                boolean inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
                patch[i + 1] =
                        inside
                                ? images[
                                        ((sample * CHANNELS + channel) * SIDE + row) * SIDE
                                                + column]
                                : 0;
            }
            for (int i = 0; i < width * width; i++) {
                sums[i] += patch[i / width] * patch[i % width];
            }
        }
        return scaled(sums, width);
    }

    private static double[] scaled(double[] sums, int width) {
        double trace = 0;
        for (int i = 0; i < width; i++) {
            trace += sums[i * (width + 1)];
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] *= width / trace;
        }
        return sums;
    }
}
