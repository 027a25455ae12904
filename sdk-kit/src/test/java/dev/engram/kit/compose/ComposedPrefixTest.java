package dev.engram.kit.compose;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComposedPrefixTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aPrefixThatRepeatsTheKeysLeavesUnmaskedAttentionAsItIs() {
        Block block = Blocks.initialized(Blocks.attention(3), manager, Blocks.SEQUENCE);
        Block composed = ModelComposer.of().compose(block, new Repeating(block, 0)).block();
        NDList inputs = new NDList(Blocks.sequence(manager));
        near(Blocks.evaluate(composed, inputs), Blocks.evaluate(block, inputs));
    }

    @Test
    void aPrefixIsVisibleWhereAllOfTheSequenceIsMasked() {
        Block block = Blocks.initialized(Blocks.attention(3), manager, Blocks.SEQUENCE);
        Block composed = ModelComposer.of().compose(block, new Repeating(block, 1)).block();
        for (NDArray mask :
                List.of(
                        manager.zeros(new Shape(2, 5, 5)),
                        manager.full(new Shape(2, 1, 5, 5), -100_000f),
                        manager.full(new Shape(2, 1, 1, 1), -100_000f))) {
            // Only the prefix counts, whose values are all alike: so are all outputs.
            NDArray seen =
                    Blocks.evaluate(composed, new NDList(Blocks.sequence(manager), mask)).head();
            NDArray expected = seen.get("0:1, 0:1").broadcast(new Shape(2, 5, Blocks.WIDTH));
            near(new NDList(seen), new NDList(expected));
        }
    }

    @Test
    void aMaskedPositionStaysMaskedBehindAPrefix() {
        Block block = Blocks.initialized(Blocks.attention(3), manager, Blocks.SEQUENCE);
        Block composed = ModelComposer.of().compose(block, new Repeating(block, 1)).block();
        NDArray mask = manager.ones(new Shape(2, 5, 5));
        mask.set(new NDIndex(":, :, 4"), 0);
        NDArray sequence = Blocks.sequence(manager);
        NDArray before = Blocks.evaluate(composed, new NDList(sequence.duplicate(), mask)).head();
        sequence.set(new NDIndex(":, 4"), 7);
        NDArray after = Blocks.evaluate(composed, new NDList(sequence, mask)).head();
        near(new NDList(after.get(":, :4")), new NDList(before.get(":, :4")));
    }

    @Test
    void aPrefixInEveryLayerOfABertFitsItsMask() {
        Block bert = Blocks.initializedBert(manager);
        Block attention = Blocks.initialized(Blocks.attention(3), manager, Blocks.SEQUENCE);
        Block composed = ModelComposer.of().compose(bert, new Repeating(attention, 1)).block();
        NDList inputs = Blocks.bertInputs(manager);
        NDArray plain = Blocks.evaluate(bert, inputs).head();
        NDArray seen = Blocks.evaluate(composed, inputs).head();
        assertThat(seen.getShape()).isEqualTo(plain.getShape());
        assertThat(seen.allClose(plain)).isFalse();
    }

    private static void near(NDList actual, NDList expected) {
        assertThat(actual.head().allClose(expected.head(), 1e-4, 1e-5, false)).isTrue();
    }

    /** A prefix of the layer's own keys and values, or of ones. */
    private record Repeating(Block attention, float ones) implements Insertion, KeyValuePrefix {

        @Override
        public Optional<KeyValuePrefix> keysAndValues(String path, long width) {
            return Optional.of(this);
        }

        @Override
        public NDList keysAndValues(ParameterStore store, NDArray input, boolean training) {
            if (ones > 0) {
                NDArray all = input.get(":, :2").onesLike();
                return new NDList(all, all);
            }
            NDList inputs = new NDList(input);
            return new NDList(
                    attention
                            .getChildren()
                            .get("01keyProjection")
                            .forward(store, inputs, false)
                            .head(),
                    attention
                            .getChildren()
                            .get("03valueProjection")
                            .forward(store, inputs, false)
                            .head());
        }
    }
}
