package dev.engram.benchmark.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextModelTest {

    private static final int LETTERS = 8;

    @Test
    void aPlaceSeesNothingBehindIt() {
        Engine.getInstance().setRandomSeed(1);
        Block block = CausalTransformer.languageModel(LETTERS, 6, 8, 2);
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 6));
            NDArray one = answers(block, new long[] {1, 2, 3, 4, 5, 6}, manager);
            NDArray other = answers(block, new long[] {1, 2, 3, 4, 0, 0}, manager);
            assertThat(one.get(":,0:4,:").allClose(other.get(":,0:4,:"), 1e-5, 1e-5, false))
                    .isTrue();
            assertThat(one.get(":,4:,:").allClose(other.get(":,4:,:"), 1e-3, 1e-3, false))
                    .isFalse();
        }
    }

    /** Two alphabets, each in its order: what the first was is written by the model itself. */
    @Test
    void whatTheModelWritesItselfKeepsWhatItKnew() {
        Corpus first = corpus("first", 0);
        Corpus second = corpus("second", LETTERS / 2);
        try (TextModel model = new TextModel(LETTERS, 1)) {
            model.fit(first, 40);
            byte[] weights = model.weights();
            double known = model.perplexity(first.test());
            model.fit(second, 30);
            double lost = model.perplexity(first.test());
            model.load(weights);
            try (ForgettingListener listener =
                            ForgettingListener.builder()
                                    .addStrategy(
                                            "self-rehearsal",
                                            Map.of("texts", 16, "repeated", 1, "shared", 1))
                                    .build();
                    NDManager manager = NDManager.newBaseManager()) {
                listener.remember(
                        model.model(), model.samples(first, 16, manager), new TokenLoss());
                model.fit(second, 30, listener);
            }
            assertThat(known).isLessThan(1.5);
            assertThat(lost).isGreaterThan(3);
            assertThat(model.perplexity(first.test())).isLessThan(known + (lost - known) / 4);
            assertThat(model.perplexity(second.test())).isLessThan(1.5);
        }
    }

    private static Corpus corpus(String name, int from) {
        int half = LETTERS / 2;
        int[] text = IntStream.range(0, 6000).map(i -> from + (i + i / 7) % half).toArray();
        return new Corpus(name, text, text);
    }

    private static NDArray answers(Block block, long[] ids, NDManager manager) {
        NDArray input = manager.create(ids, new Shape(1, ids.length));
        return block.forward(new ParameterStore(manager, false), new NDList(input), false).head();
    }
}
