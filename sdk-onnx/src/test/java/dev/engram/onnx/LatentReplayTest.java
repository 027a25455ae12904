package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.listener.TrainingListener;
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.runtime.OnnxFeatureExtractor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head over the features of a frozen file rehearses features, not inputs. */
class LatentReplayTest {

    @TempDir Path folder;

    @Test
    void rehearsedFeaturesHoldTheHeadsFirstTask() throws Exception {
        try (OnnxFeatureExtractor backbone =
                OnnxFeatureExtractor.builder()
                        .setModel(GuardedTrainingTest.mlp(folder))
                        .addOutput("r")
                        .optThreads(1)
                        .build()) {
            Latents latents = new Latents(backbone);
            double control = afterTheSecond(latents);
            double kept;
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("er", Map.of("samples", 200))
                            .build()) {
                kept = afterTheSecond(latents, listener);
            }
            System.out.printf("latent replay: %.3f unguarded, %.3f guarded%n", control, kept);
            assertThat(kept).isGreaterThan(control + 0.15);
        }
    }

    private static double afterTheSecond(Latents latents, TrainingListener... listener)
            throws Exception {
        try (Model model = Tasks.model(head())) {
            latents.fit(model, 0, 10, listener);
            latents.fit(model, 1, 20, listener);
            assertThat(latents.accuracy(model, 1)).isGreaterThan(0.8);
            return latents.accuracy(model, 0);
        }
    }

    private static Block head() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation::relu)
                .add(Linear.builder().setUnits(4).build());
    }

    /** The points of two tasks as the frozen file sees them. */
    private static final class Latents extends Tasks {

        private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();
        private final OnnxFeatureExtractor backbone;

        Latents(OnnxFeatureExtractor backbone) {
            this.backbone = backbone;
        }

        @Override
        NDList sample(int task, int label, Random random, NDManager manager) {
            NDList point = points.sample(task, label, random, manager);
            NDList one = new NDList(point.singletonOrThrow().expandDims(0));
            return new NDList(backbone.extract(one, manager).singletonOrThrow().squeeze(0));
        }

        @Override
        int[] labels(int task) {
            return points.labels(task);
        }

        @Override
        float rate() {
            return points.rate();
        }
    }
}
