package dev.engram.kit.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelComposerTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void whereNothingIsPutInsideTheOriginalItselfIsUsed() {
        Block block = Blocks.initialized(Blocks.stack(0), manager, Blocks.SEQUENCE);
        assertThat(ModelComposer.of().compose(block, new Insertion() {}).block()).isSameAs(block);
    }

    @Test
    void everyPlaceOfABertIsOfferedByItsPath() {
        Asking asking = new Asking();
        ModelComposer.of().compose(Blocks.initializedBert(manager), asking);
        assertThat(asking.places)
                .contains(
                        "attention 05transformer_0 12",
                        "feed-forward 06transformer_1 12",
                        "prefix 06transformer_1_01selfAttention 12",
                        "linear 05transformer_0_01selfAttention_02queryProjection",
                        "linear 05transformer_0_03outputBlock_01Linear",
                        "child 05transformer_0_03outputBlock_02LambdaBlock 20",
                        "linear 07poolingProjection");
        assertThat(asking.places.stream().filter(place -> place.startsWith("linear")).toList())
                .as("each path names a weight of the model")
                .allSatisfy(
                        place -> assertThat(weights()).contains(place.substring(7) + "_weight"));
    }

    @Test
    void aLinearLayerIsReplacedAndTheRestStays() {
        Block block = Blocks.initialized(Blocks.feedForward(), manager, Blocks.SEQUENCE);
        Insertion doubled =
                new Insertion() {
                    @Override
                    public Optional<Block> linear(String path, Linear original) {
                        return path.equals("05Linear") ? Optional.of(twice(original)) : none();
                    }
                };
        NDList inputs = new NDList(Blocks.sequence(manager));
        Block composed = ModelComposer.of().compose(block, doubled).block();
        NDArray expected = Blocks.evaluate(block, inputs).head().mul(2);
        assertThat(Blocks.evaluate(composed, inputs).head()).isEqualTo(expected);
    }

    @Test
    void aBlockOfAnotherCompanyCanBeTaught() {
        Block block = Blocks.initialized(new Residual(layers()), manager, new Shape(3, 12));
        Insertion insertion = afterFeedForward();
        ComposedModel untaught = ModelComposer.of().compose(block, insertion);
        assertThat(untaught.block()).isSameAs(block);
        ComposedModel taught = ModelComposer.of(new Residual.Composer(1)).compose(block, insertion);
        assertThat(taught.problems()).isEmpty();
        NDList inputs = new NDList(manager.ones(new Shape(3, 12)));
        NDArray plain = Blocks.evaluate(block, inputs).head();
        near(Blocks.evaluate(taught.block(), inputs), new NDList(plain.mul(2).sub(1)));
    }

    @Test
    void aRewriterThatComputesSomethingElseIsRefused() {
        Block block =
                Blocks.initialized(
                        new SequentialBlock().add(new Residual(layers())),
                        manager,
                        new Shape(3, 12));
        ModelComposer wrong = ModelComposer.of(new Residual.Composer(1.001f));
        assertThatThrownBy(() -> wrong.compose(block, afterFeedForward()))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Residual at \"01Residual\"")
                .hasMessageContaining("computed something else");
        assertThatThrownBy(() -> wrong.check(block, new NDList(manager.ones(new Shape(3, 12)))))
                .hasMessageContaining("1.0e-03");
    }

    @Test
    void theRefusalNamesAllProblemsAndTheBlocksSeen() {
        Block block =
                Blocks.initialized(
                        new SequentialBlock().add(new Residual(Blocks.encoder(0))),
                        manager,
                        Blocks.SEQUENCE);
        ComposedModel composed = ModelComposer.of().compose(block, afterFeedForward());
        assertThatThrownBy(() -> composed.orThrow("test", List.of("and it is Monday")))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("\"test\" does not suit this model")
                .hasMessageContaining("after feed-forward in \"01Residual_01layer\"")
                .hasMessageContaining("inside \"01Residual\" (dev.engram.kit.compose.Residual)")
                .hasMessageContaining("no place after feed-forward was found")
                .hasMessageContaining("and it is Monday")
                .hasMessageContaining("Residual (unknown, so kept as it is): \"01Residual\"")
                .hasMessageContaining("META-INF/services/dev.engram.kit.compose.BlockComposer");
    }

    @Test
    void aParallelBlockIsComposedOnceItsFunctionIsTold() {
        Function<List<NDList>, NDList> sum =
                outputs -> new NDList(outputs.get(0).head().add(outputs.get(1).head()));
        Block block =
                Blocks.initialized(
                        new ParallelBlock(sum, List.of(Blocks.encoder(0), layers())),
                        manager,
                        Blocks.SEQUENCE);
        assertThat(ModelComposer.of().compose(block, afterFeedForward()).problems()).hasSize(2);
        ModelComposer told =
                ModelComposer.of(
                        new ParallelBlockComposer() {
                            @Override
                            protected Function<List<NDList>, NDList> combination(
                                    ParallelBlock original, String path) {
                                return sum;
                            }
                        });
        assertThat(told.check(block, new NDList(Blocks.sequence(manager)))).isZero();
        assertThat(told.compose(block, afterFeedForward()).problems()).isEmpty();
    }

    private List<String> weights() {
        return Blocks.bertParameters();
    }

    private static Block layers() {
        return new SequentialBlock().add(Linear.builder().setUnits(Blocks.WIDTH).build());
    }

    private static Optional<Block> none() {
        return Optional.empty();
    }

    private static Block twice(Block original) {
        return new SequentialBlock()
                .add(original)
                .add(new LambdaBlock(list -> new NDList(list.head().mul(2))));
    }

    private static Insertion afterFeedForward() {
        return new Insertion() {
            @Override
            public Set<Place> needs() {
                return Set.of(Place.AFTER_FEED_FORWARD);
            }

            @Override
            public Optional<Block> afterFeedForward(String path, long width) {
                return Optional.of(new LambdaBlock(x -> new NDList(x.head().mul(2))));
            }
        };
    }

    private static void near(NDList actual, NDList expected) {
        assertThat(actual.head().allClose(expected.head(), 1e-4, 1e-5, false)).isTrue();
    }

    /** Puts nothing anywhere and notes where it was asked. */
    private static final class Asking implements Insertion {

        final List<String> places = new ArrayList<>();

        @Override
        public Optional<Block> linear(String path, Linear original) {
            places.add("linear " + path);
            return Optional.empty();
        }

        @Override
        public Optional<Block> afterAttention(String path, long width) {
            places.add("attention " + path + " " + width);
            return Optional.empty();
        }

        @Override
        public Optional<Block> afterFeedForward(String path, long width) {
            places.add("feed-forward " + path + " " + width);
            return Optional.empty();
        }

        @Override
        public Optional<KeyValuePrefix> keysAndValues(String path, long width) {
            places.add("prefix " + path + " " + width);
            return Optional.empty();
        }

        @Override
        public Optional<Block> afterChild(String path, LongSupplier width) {
            places.add("child " + path + " " + width.getAsLong());
            return Optional.empty();
        }
    }
}
