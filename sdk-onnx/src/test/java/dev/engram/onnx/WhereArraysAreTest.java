package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.weights.Relocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen without a second device of whose arrays are where, and when. */
class WhereArraysAreTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path file;
    private OnnxBlock block;

    @BeforeEach
    void read() throws IOException {
        file =
                Models.opset(13)
                        .input("x", TensorProto.DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                        .weights("two", new long[] {}, 2)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("Mul", List.of("a", "two"), List.of("y"))
                        .output("y", TensorProto.DataType.FLOAT)
                        .write(folder.resolve("model.onnx"));
        block = OnnxBlock.builder().setModel(file).build();
    }

    @AfterEach
    void close() {
        block.clear();
        manager.close();
    }

    private NDArray weight() {
        return block.getParameters().get("w").getArray();
    }

    private NDList sample() {
        return new NDList(manager.create(new float[] {1, -2}, new Shape(1, 2)));
    }

    private OnnxWriter writer() {
        return OnnxWriter.builder().setBlock(block).addSample(sample()).build();
    }

    private NDArray forward(ParameterStore store, NDList inputs) {
        return block.forward(store, inputs, true).head();
    }

    private static float[] written(Path file) throws IOException {
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        float[] values = again.getParameters().get("w").getArray().toFloatArray();
        again.clear();
        return values;
    }

    @Test
    void initialisingGivesTheArraysToTheManagerAndClosingItClosesThem() {
        NDManager owner = NDManager.newBaseManager(Device.cpu());
        NDArray weight = weight();
        block.initialize(owner.newSubManager(), DataType.FLOAT32, new Shape(1, 2));
        assertThat(weight()).isSameAs(weight);
        assertThat(weight.getManager()).isSameAs(owner);
        assertThat(weight.hasGradient()).isTrue();
        NDManager later = NDManager.newBaseManager(Device.cpu());
        block.initialize(later, DataType.FLOAT32, new Shape(1, 2));
        owner.close();
        assertThat(forward(new ParameterStore(manager, false), sample()).toFloatArray())
                .containsExactly(-10, -12);
        later.close();
        assertThat(weight.isReleased()).isTrue();
        assertThatThrownBy(() -> forward(new ParameterStore(manager, false), sample()))
                .isInstanceOf(RuntimeException.class);
    }

    /** DJL initialises a block with a fresh head in the trainer's manager if nobody did before. */
    @Test
    void whatWasLearntBesideAFreshHeadOutlivesATrainerThatNobodyInitialised() throws Exception {
        try (Model model = Model.newInstance("m", Device.cpu())) {
            model.setBlock(
                    new SequentialBlock().add(block).add(Linear.builder().setUnits(2).build()));
            try (Trainer trainer = trainer(model)) {
                step(trainer);
            }
            assertThat(weight().getManager()).isSameAs(model.getNDManager());
            writer().write(file);
            assertThat(written(file)).isNotEqualTo(new float[] {1, 2, 3, 4});
        }
    }

    /** As on another device, which the machines of the tests lack. */
    @Test
    void anArrayThatMovesTakesThePlaceOfTheOldOne() {
        NDManager there = manager.newSubManager();
        NDArray before = weight();
        Parameter parameter = block.getParameters().get("w");
        Relocation.replace(parameter, before.duplicate(), there);
        assertThat(before.isReleased()).isTrue();
        assertThat(weight().getManager()).isSameAs(there);
        assertThat(weight().hasGradient()).isTrue();
        assertThat(weight().getName()).isEqualTo("w");
        assertThat(weight().toFloatArray()).containsExactly(1, 2, 3, 4);
        assertThat(parameter.getInitializer()).isSameAs(Parameter.Type.WEIGHT.getInitializer());
        assertThat(block.isInitialized()).isTrue();
        parameter.freeze(true);
        Relocation.replace(parameter, weight().duplicate(), there);
        assertThat(weight().hasGradient()).isFalse();
    }

    @Test
    void aTrainerTrainsTheBlocksOwnArraysAndItsModelClosesThem() throws Exception {
        NDArray weight = weight();
        try (Model model = Model.newInstance("m", Device.cpu())) {
            model.setBlock(block);
            try (Trainer trainer = trainer(model)) {
                trainer.initialize(new Shape(1, 2));
                step(trainer);
                assertThat(weight()).isSameAs(weight);
                assertThat(weight.getManager()).isSameAs(model.getNDManager());
                assertThat(weight.toFloatArray()).isNotEqualTo(new float[] {1, 2, 3, 4});
                writer().write(file);
            }
            assertThat(written(file)).isEqualTo(weight.toFloatArray());
        }
        assertThat(weight.isReleased()).isTrue();
    }

    private static Trainer trainer(Model model) {
        return model.newTrainer(
                new DefaultTrainingConfig(Loss.l2Loss()).optDevices(new Device[] {Device.cpu()}));
    }

    private void step(Trainer trainer) {
        try (GradientCollector collector = trainer.newGradientCollector()) {
            collector.backward(trainer.forward(sample()).head().square().sum());
        }
        trainer.step();
    }

    /** A store as a trainer has over another device: its copies learn, the parameters do not. */
    private static final class Mirror extends ParameterStore {

        private final NDManager there;
        private final Map<Parameter, NDArray> copies = new LinkedHashMap<>();

        Mirror(NDManager there) {
            super(there, false);
            this.there = there;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            return copies.computeIfAbsent(
                    parameter,
                    own -> {
                        NDArray copy = own.getArray().duplicate();
                        copy.attach(there);
                        return copy;
                    });
        }

        @Override
        public void sync() {
            copies.forEach((own, copy) -> copy.copyTo(own.getArray()));
        }
    }

    @Test
    void valuesThatATrainerStillHoldsElsewhereAreNotLeftOut() throws Exception {
        byte[] before = Files.readAllBytes(file);
        NDManager there = manager.newSubManager();
        Mirror store = new Mirror(there);
        forward(store, sample());
        writer().write(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);

        store.copies.values().forEach(copy -> copy.addi(1));
        assertThatThrownBy(() -> writer().write(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("[w on cpu()]")
                .hasMessageContaining("close it first");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);

        store.sync();
        there.close();
        writer().write(file);
        assertThat(written(file)).containsExactly(2, 3, 4, 5);
    }

    /** DJL puts values back by copyTo; it must reach an array that wants a gradient. */
    @Test
    void putBackValuesReachAnArrayThatTrains() {
        NDArray own = weight();
        own.setRequiresGradient(true);
        manager.ones(new Shape(2, 2)).copyTo(own);
        assertThat(own.toFloatArray()).containsOnly(1);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(forward(new ParameterStore(manager, false), sample()).sum());
        }
        assertThat(own.getGradient().toFloatArray()).containsExactly(2, 2, -4, -4);
    }

    /** Of several devices one may hold the parameters themselves, and they are as good as any. */
    @Test
    void copiesBesideTheParametersThemselvesDoNotStopTheWriter() throws Exception {
        ParameterStore both =
                new ParameterStore(manager, false) {
                    private int asked;

                    @Override
                    public NDArray getValue(Parameter own, Device device, boolean training) {
                        return asked++ % 2 == 0 ? own.getArray().add(1) : own.getArray();
                    }
                };
        forward(both, sample());
        assertThatThrownBy(() -> writer().write(file)).isInstanceOf(OnnxException.class);
        forward(both, sample());
        forward(both, sample());
        writer().write(file);
        assertThat(written(file)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void constantsAreMadeWhereTheInputIsNotWhereItsManagerIs() {
        NDArray x = sample().head();
        x.attach(manager.newSubManager(Device.gpu()));
        assertThat(forward(new ParameterStore(manager, false), new NDList(x)).toFloatArray())
                .containsExactly(-10, -12);
    }
}
