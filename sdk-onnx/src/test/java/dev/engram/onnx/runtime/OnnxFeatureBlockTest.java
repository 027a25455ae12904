package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.onnx.testing.TwoLayers;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A frozen ONNX model in DJL's own training loop. */
class OnnxFeatureBlockTest {

    @TempDir Path folder;

    private OnnxFeatureExtractor extractor(String output) {
        return OnnxFeatureExtractor.builder()
                .setModel(TwoLayers.in(folder))
                .addOutput(output)
                .optThreads(1)
                .build();
    }

    /**
     * With a hidden layer: the gradients of a softmax over one layer alone add up to nothing, but
     * for rounding, and DJL takes that for missing ones.
     */
    private static Block head() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(6).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private static Trainer trainer(Model model, Loss loss) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(loss)
                                .optOptimizer(
                                        Optimizer.adam()
                                                .optLearningRateTracker(Tracker.fixed(0.05f))
                                                .build()));
        trainer.initialize(new Shape(1, 4));
        return trainer;
    }

    private static float step(Trainer trainer, Loss loss, NDArray x, NDArray labels) {
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList seen = trainer.forward(new NDList(x));
            NDArray value = loss.evaluate(new NDList(labels), seen);
            collector.backward(value);
            trainer.step();
            return value.getFloat();
        }
    }

    @Test
    void aHeadIsTrainedOnAFrozenBackbone() throws Exception {
        try (OnnxFeatureExtractor extractor = extractor("features");
                Model model = Model.newInstance("m", "PyTorch")) {
            Block backbone = extractor.asBlock();
            SequentialBlock net = new SequentialBlock().add(backbone).add(head());
            model.setBlock(net);
            Loss loss = Loss.softmaxCrossEntropyLoss();
            try (Trainer trainer = trainer(model, loss)) {
                NDManager manager = trainer.getManager();
                NDArray x = manager.randomNormal(new Shape(64, 4));
                NDArray labels = x.get(":, 0").gt(0).toType(DataType.INT64, false);
                NDArray features = extractor.extract(new NDList(x)).singletonOrThrow();
                float first = step(trainer, loss, x, labels);
                float last = first;
                for (int i = 0; i < 60; i++) {
                    last = step(trainer, loss, x, labels);
                }
                assertThat(last).isLessThan(first / 2);
                assertThat(extractor.extract(new NDList(x)).singletonOrThrow()).isEqualTo(features);
            }
            assertThat(backbone.getParameters()).isEmpty();
            assertThat(net.getParameters().keys()).hasSize(4);
            net.saveParameters(new DataOutputStream(new ByteArrayOutputStream()));
            assertThat(net.getOutputShapes(new Shape[] {new Shape(7, 4)}))
                    .containsExactly(new Shape(7, 2));
        }
    }

    @Test
    void keptFeaturesTrainAHeadAsTheInputsWould() {
        try (OnnxFeatureExtractor extractor = extractor("features");
                NDManager manager = NDManager.newBaseManager("PyTorch");
                Model model = Model.newInstance("head", "PyTorch")) {
            List<NDArray> latents = new ArrayList<>();
            List<NDArray> labels = new ArrayList<>();
            for (int batch = 0; batch < 4; batch++) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray x = scope.randomNormal(new Shape(16, 4));
                    latents.add(extractor.extract(new NDList(x), manager).singletonOrThrow());
                    NDArray y = x.get(":, 1").gt(0).toType(DataType.INT64, false);
                    y.attach(manager);
                    labels.add(y);
                }
            }
            model.setBlock(head());
            Loss loss = Loss.softmaxCrossEntropyLoss();
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(loss)
                                    .optOptimizer(
                                            Optimizer.adam()
                                                    .optLearningRateTracker(Tracker.fixed(0.05f))
                                                    .build()))) {
                trainer.initialize(new Shape(1, 8));
                float first = step(trainer, loss, latents.get(0), labels.get(0));
                for (int i = 0; i < 80; i++) {
                    System.gc();
                    step(trainer, loss, latents.get(i % 4), labels.get(i % 4));
                }
                assertThat(step(trainer, loss, latents.get(0), labels.get(0)))
                        .isLessThan(first / 2);
            }
        }
    }

    @Test
    void aStudentLearnsATeachersOutputs() {
        try (OnnxFeatureExtractor teacher = extractor("y");
                Model model = Model.newInstance("student", "PyTorch")) {
            model.setBlock(
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(16).build())
                            .add(arrays -> new NDList(arrays.head().getNDArrayInternal().relu()))
                            .add(Linear.builder().setUnits(3).build()));
            Loss loss = new Distillation();
            try (Trainer trainer = trainer(model, loss)) {
                NDArray x = trainer.getManager().randomNormal(new Shape(64, 4));
                float first = 0;
                float last = 0;
                for (int i = 0; i < 150; i++) {
                    NDArray target = teacher.extract(new NDList(x)).singletonOrThrow();
                    last = step(trainer, loss, x, target);
                    first = i == 0 ? last : first;
                    target.close();
                }
                assertThat(last).isLessThan(first / 4);
            }
        }
    }

    /**
     * Cross-entropy between the teacher's and the student's distributions, less its own entropy.
     */
    private static final class Distillation extends Loss {

        Distillation() {
            super("distillation");
        }

        @Override
        public NDArray evaluate(NDList teacher, NDList student) {
            NDArray wanted = teacher.head().softmax(-1);
            NDArray seen = student.head().logSoftmax(-1);
            NDArray own = teacher.head().logSoftmax(-1);
            return NDArrays.mul(wanted, own.sub(seen)).sum(new int[] {-1}).mean();
        }
    }
}
