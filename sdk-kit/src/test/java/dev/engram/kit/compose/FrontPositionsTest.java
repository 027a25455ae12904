package dev.engram.kit.compose;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrontPositionsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void newPositionsAreVisibleInMasksOfEveryShape() {
        NDList longer =
                FrontPositions.put(
                        manager.ones(new Shape(1, 2, 4)),
                        new NDList(
                                manager.zeros(new Shape(1, 2, 4)),
                                manager.create(new long[] {1, 0}, new Shape(1, 2)),
                                manager.create(new float[] {1, 0, 1, 1}, new Shape(1, 2, 2)),
                                manager.create(new float[] {0, -9, 0, 0}, new Shape(1, 1, 2, 2)),
                                manager.create(new float[] {0, -9}, new Shape(1, 1, 1, 2)),
                                manager.create(new float[] {7, 7, 7}, new Shape(1, 3))));
        assertThat(longer.head().toFloatArray()).startsWith(1, 1, 1, 1, 1, 1, 1, 1, 0);
        assertThat(longer.get(1).toLongArray()).containsExactly(1, 1, 1, 0);
        assertThat(longer.get(2).toFloatArray())
                .as("the first position's row, for those in front of it")
                .containsExactly(1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1);
        assertThat(longer.get(3).toFloatArray())
                .containsExactly(0, 0, 0, -9, 0, 0, 0, -9, 0, 0, 0, -9, 0, 0, 0, 0);
        assertThat(longer.get(4).toFloatArray()).containsExactly(0, 0, 0, -9);
        assertThat(longer.get(5).toFloatArray()).as("no mask").containsExactly(7, 7, 7);
    }

    @Test
    void whatWasPutThereIsCutOffAgain() {
        NDList list =
                new NDList(
                        manager.randomNormal(new Shape(2, 3, 4)),
                        manager.ones(new Shape(2, 3), DataType.INT64),
                        manager.randomNormal(new Shape(2, 3, 3)),
                        manager.randomNormal(new Shape(2, 1, 3, 3)),
                        manager.randomNormal(new Shape(2, 1, 1, 3)),
                        manager.randomNormal(new Shape(2, 1, 3, 1)),
                        manager.ones(new Shape(2)));
        NDList longer = FrontPositions.put(manager.ones(new Shape(2, 5, 4)), list);
        assertThat(longer.get(5).getShape()).isEqualTo(new Shape(2, 1, 8, 1));
        NDList back = FrontPositions.cut(5, longer);
        for (int i = 0; i < list.size(); i++) {
            assertThat(back.get(i)).as("array %d", i).isEqualTo(list.get(i));
        }
    }

    @Test
    void masksTellWhichPositionsAreSeen() {
        NDArray features = manager.zeros(new Shape(1, 3, 4));
        NDArray causal =
                manager.create(new float[] {1, 0, 0, 1, 1, 0, 1, 1, 0}, new Shape(1, 3, 3));
        NDArray offset = causal.sub(1).mul(100_000).reshape(1, 1, 3, 3);
        assertThat(FrontPositions.visible(new NDList(features))).isNull();
        assertThat(seen(features, causal)).containsExactly(1, 1, 0);
        assertThat(seen(features, offset)).containsExactly(1, 1, 0);
    }

    @Test
    void aBertWithVectorsInFrontKeepsItsPositionsAndIgnoresPadding() {
        Block bert = Blocks.initializedBert(manager);
        Block longer = ModelComposer.of().compose(bert, vectors()).block();
        NDList padded = inputs(new long[] {3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        NDList other = inputs(new long[] {3, 4, 5, 20, 21, 8, 9, 10, 22, 23});
        NDList out = run(longer, padded);
        assertThat(out.get(0).getShape()).isEqualTo(run(bert, padded).get(0).getShape());
        assertThat(out.get(1).getShape()).isEqualTo(run(bert, padded).get(1).getShape());
        assertThat(out.get(1).toFloatArray())
                .isNotEqualTo(run(bert, padded).get(1).toFloatArray())
                .as("padding")
                .isEqualTo(run(longer, other).get(1).toFloatArray());
    }

    private float[] seen(NDArray features, NDArray mask) {
        NDArray visible = FrontPositions.visible(new NDList(features, mask));
        return visible == null ? new float[0] : visible.toFloatArray();
    }

    /** Two samples of which the last two of five tokens are padding. */
    private NDList inputs(long[] ids) {
        NDArray tokens = manager.create(ids, new Shape(2, 5));
        long[] seen = {1, 1, 1, 0, 0, 1, 1, 1, 0, 0};
        return new NDList(tokens, tokens.zerosLike(), manager.create(seen, new Shape(2, 5)));
    }

    private NDList run(Block block, NDList inputs) {
        return block.forward(new ParameterStore(manager, false), inputs, false);
    }

    private static Insertion vectors() {
        return new Insertion() {
            @Override
            public Optional<EmbeddingPrefix> embeddings(String path, long width) {
                return Optional.of(new Ramp());
            }
        };
    }

    /** Three vectors of 0, 1, 2, ... each. */
    private static final class Ramp implements EmbeddingPrefix {

        @Override
        public long positions() {
            return 3;
        }

        @Override
        public NDArray vectors(
                ParameterStore store,
                NDArray embeddings,
                @Nullable NDArray visible,
                boolean training) {
            Shape shape = embeddings.getShape();
            return embeddings
                    .getManager()
                    .arange((int) shape.get(2))
                    .toType(DataType.FLOAT32, false)
                    .reshape(1, 1, shape.get(2))
                    .broadcast(shape.get(0), 3, shape.get(2));
        }
    }
}
