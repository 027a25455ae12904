package dev.engram.kit.compose;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * DJL's attention inside a BertBlock loses its numbers when garbage is collected; ours must not.
 */
class CollectedAttentionTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    /** Nothing is put into the attention itself, only in front of the sequence. */
    @Test
    void gradientsOfAModelWithAPromptAreTheSameHoweverOftenGarbageIsCollected() {
        Block bert = Blocks.initializedBert(manager);
        Block prompted = ModelComposer.of().compose(bert, new Zeros()).block();
        List<float[]> calm = gradients(bert, prompted, false);
        List<float[]> collected = gradients(bert, prompted, true);
        for (int i = 0; i < calm.size(); i++) {
            assertThat(collected.get(i)).containsExactly(calm.get(i));
        }
    }

    private List<float[]> gradients(Block owner, Block block, boolean collects) {
        List<NDArray> arrays =
                owner.getParameters().values().stream()
                        .filter(Parameter::requiresGradient)
                        .map(Parameter::getArray)
                        .toList();
        try (NDManager pass = manager.newSubManager()) {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                ParameterStore store = new ParameterStore(pass, false);
                NDList out = block.forward(store, Blocks.bertInputs(pass), false);
                NDArray loss = out.get(0).square().sum().add(out.get(1).square().sum());
                if (collects) {
                    System.gc();
                    fillFreedMemory();
                }
                collector.backward(loss);
            }
            List<float[]> found = new ArrayList<>();
            for (NDArray array : arrays) {
                try (NDArray gradient = array.getGradient()) {
                    found.add(gradient.toFloatArray());
                    gradient.subi(gradient);
                }
            }
            return found;
        }
    }

    private static void fillFreedMemory() {
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4 << (i % 5));
            while (buffer.hasRemaining()) {
                buffer.putFloat(Float.NaN);
            }
        }
    }

    private static final class Zeros implements Insertion, EmbeddingPrefix {

        @Override
        public Optional<EmbeddingPrefix> embeddings(String path, long width) {
            return Optional.of(this);
        }

        @Override
        public long positions() {
            return 2;
        }

        @Override
        public NDArray vectors(
                ParameterStore store, NDArray embeddings, NDArray visible, boolean training) {
            Shape shape = new Shape(embeddings.getShape().get(0), 2, Blocks.WIDTH);
            return embeddings.getManager().zeros(shape);
        }
    }
}
