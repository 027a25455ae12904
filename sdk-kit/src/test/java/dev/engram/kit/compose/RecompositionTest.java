package dev.engram.kit.compose;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecompositionTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final ModelComposer composer = ModelComposer.of();

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 12})
    void attentionComposedAnewComputesTheSameForEveryNumberOfHeads(int heads) {
        Block block = Blocks.initialized(Blocks.attention(heads), manager, Blocks.SEQUENCE);
        same(block, Blocks.sequence(manager));
        same(block, Blocks.sequence(manager), Blocks.mask(manager));
    }

    @ParameterizedTest
    @CsvSource({"768, 12", "1024, 16", "1024, 1", "1024, 512", "1024, 1024"})
    void theNumberOfHeadsIsFoundInWideLayersToo(int width, int heads) {
        Block block =
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(width)
                        .setHeadCount(heads)
                        .build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, width));
        same(block, manager.randomNormal(new Shape(1, 3, width)));
    }

    @Test
    void aBlockWhoseProjectionsAreAllZeroStillTellsItsHeads() {
        Block block = Blocks.initialized(Blocks.attention(4), manager, Blocks.SEQUENCE);
        Block anew = composer.recompose(zeroed(block));
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            array.addi(manager.randomNormal(array.getShape()));
        }
        NDList inputs = new NDList(Blocks.sequence(manager));
        assertThat(Blocks.evaluate(anew, inputs)).isEqualTo(Blocks.evaluate(block, inputs));
    }

    @Test
    void aBlockThatWasLoadedComputesTheSameAlsoInTraining() throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Blocks.initialized(Blocks.stack(0.2f), manager, Blocks.SEQUENCE)
                .saveParameters(new DataOutputStream(file));
        Block loaded = Blocks.stack(0.2f);
        byte[] bytes = file.toByteArray();
        loaded.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
        NDList inputs = new NDList(Blocks.sequence(manager));
        same(loaded, inputs.head());
        loaded.initialize(manager, DataType.FLOAT32, Blocks.SEQUENCE);
        Map<String, float[]> expected = ownGradients(loaded, inputs);
        Map<String, float[]> actual = gradients(loaded, composer.recompose(loaded), inputs);
        assertThat(expected).isNotEmpty();
        expected.forEach((name, g) -> assertThat(actual.get(name)).as(name).isEqualTo(g));
    }

    @Test
    void attentionWithSeparateQueriesComputesTheSame() {
        Block block = Blocks.initialized(Blocks.attention(3), manager, Blocks.SEQUENCE);
        NDArray query = manager.randomNormal(new Shape(2, 4, Blocks.WIDTH));
        NDArray keys = Blocks.sequence(manager);
        same(block, keys, query, Blocks.sequence(manager));
        same(block, keys, query, Blocks.sequence(manager), manager.ones(new Shape(2, 4, 5)));
    }

    @Test
    void anEncoderComputesTheSameWithAndWithoutMask() {
        Block block = Blocks.initialized(Blocks.encoder(0.1f), manager, Blocks.SEQUENCE);
        same(block, Blocks.sequence(manager));
        same(block, Blocks.sequence(manager), Blocks.mask(manager));
    }

    @Test
    void aStackInNestedSequencesComputesTheSame() {
        Block block =
                Blocks.initialized(Blocks.stack(0.1f), manager, new Shape(2, 5, Blocks.WIDTH));
        same(block, Blocks.sequence(manager));
    }

    @Test
    void aPointwiseFeedForwardBlockComputesTheSame() {
        Block block = Blocks.initialized(Blocks.feedForward(), manager, Blocks.SEQUENCE);
        same(block, Blocks.sequence(manager));
    }

    @Test
    void aSequenceThatReturnsWhatLiesBetweenGoesOnToDoSo() {
        SequentialBlock block = (SequentialBlock) Blocks.feedForward();
        block.setReturnIntermediate(true);
        Blocks.initialized(block, manager, Blocks.SEQUENCE);
        same(block, Blocks.sequence(manager));
        NDList out =
                Blocks.evaluate(composer.recompose(block), new NDList(Blocks.sequence(manager)));
        assertThat(out).hasSize(5);
    }

    @Test
    void aBertComputesTheSame() {
        Block block = Blocks.initializedBert(manager);
        assertThat(composer.check(block, Blocks.bertInputs(manager))).isZero();
    }

    @Test
    void gradientsAndDropoutsInTrainingAreTheSame() {
        Block block = Blocks.initialized(Blocks.stack(0.3f), manager, Blocks.SEQUENCE);
        NDList inputs = new NDList(Blocks.sequence(manager));
        Map<String, float[]> expected = ownGradients(block, inputs);
        Map<String, float[]> actual = gradients(block, composer.recompose(block), inputs);
        assertThat(expected).isNotEmpty();
        expected.forEach((name, g) -> assertThat(actual.get(name)).as(name).isEqualTo(g));
    }

    @Test
    void gradientsOfABertAreTheSame() {
        Block block = Blocks.initializedBert(manager);
        NDList inputs = Blocks.bertInputs(manager);
        Map<String, float[]> expected = ownGradients(block, inputs);
        Map<String, float[]> actual = gradients(block, composer.recompose(block), inputs);
        expected.forEach((name, g) -> assertThat(actual.get(name)).as(name).isEqualTo(g));
    }

    @Test
    void passesLeaveNoArraysWithTheModel() {
        NDManager batch = manager.newSubManager();
        Block block = Blocks.initializedBert(manager);
        Block anew = composer.recompose(block);
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 3; i++) {
            NDList inputs = Blocks.bertInputs(batch);
            inputs.attach(batch);
            anew.forward(new ParameterStore(batch, false), inputs, true);
        }
        batch.close();
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private static Block zeroed(Block block) {
        for (Parameter parameter : block.getParameters().values()) {
            parameter.getArray().setRequiresGradient(false);
            parameter.getArray().muli(0);
        }
        return block;
    }

    private void same(Block block, NDArray... inputs) {
        NDList list = new NDList(inputs);
        assertThat(composer.check(block, list)).isZero();
        assertThat(composer.recompose(block)).isInstanceOf(ForwardOnlyBlock.class);
    }

    /**
     * Computes those of DJL's own block until two times agree: its numbers inside autograd may be
     * garbage where the collector ran before the backward pass.
     */
    private Map<String, float[]> ownGradients(Block block, NDList inputs) {
        Map<String, float[]> last = gradients(block, block, inputs);
        for (int i = 0; i < 50; i++) {
            Map<String, float[]> again = gradients(block, block, inputs);
            if (areSame(last, again)) {
                return again;
            }
            last = again;
        }
        throw new AssertionError("DJL's own gradients differ each time");
    }

    private static boolean areSame(Map<String, float[]> one, Map<String, float[]> other) {
        return one.keySet().stream().allMatch(k -> Arrays.equals(one.get(k), other.get(k)));
    }

    private Map<String, float[]> gradients(Block owner, Block block, NDList inputs) {
        Engine.getInstance().setRandomSeed(7);
        Map<String, float[]> gradients = new LinkedHashMap<>();
        for (Parameter parameter : owner.getParameters().values()) {
            if (parameter.requiresGradient() && parameter.getArray().hasGradient()) {
                parameter.getArray().getGradient().muli(0);
            }
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDList out = block.forward(new ParameterStore(manager, false), inputs, true);
            collector.backward(out.get(out.size() - 1).square().sum());
        }
        for (Pair<String, Parameter> entry : owner.getParameters()) {
            NDArray array = entry.getValue().getArray();
            if (entry.getValue().requiresGradient() && array.hasGradient()) {
                gradients.put(entry.getKey(), array.getGradient().toFloatArray());
            }
        }
        return gradients;
    }
}
