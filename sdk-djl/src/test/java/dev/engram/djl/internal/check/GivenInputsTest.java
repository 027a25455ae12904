package dev.engram.djl.internal.check;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GivenInputsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<Arguments> recurrentBlocks() {
        return Stream.of(1, 2, 6)
                .flatMap(
                        batch ->
                                Stream.of(
                                        Arguments.of(batch, lstm(false), 2),
                                        Arguments.of(batch, gru(), 1),
                                        Arguments.of(batch, rnn(), 1)));
    }

    /** Also where the states look like samples, because there are as many layers as samples. */
    @ParameterizedTest
    @MethodSource("recurrentBlocks")
    void theStatesThatARecurrentBlockAddedAreNotInputs(int samples, Block block, int states) {
        Block model = initialised(new SequentialBlock().add(block));
        BatchData heard = batch(samples);
        NDArray given = heard.getBatch().getData().head();
        model.forward(new ParameterStore(manager, false), heard.getBatch().getData(), true);
        assertThat(heard.getBatch().getData()).as("what DJL does").hasSize(1 + states);

        BatchData seen = new GivenInputs(model).of(heard);

        assertThat(seen.getBatch().getData()).containsExactly(given);
        assertThat(seen.getBatch().getLabels()).isEqualTo(heard.getBatch().getLabels());
        assertThat(seen.getBatch().getSize()).isEqualTo(samples);
        assertThat(heard.getBatch().getData()).as("the user's own").hasSize(1 + states);
        Block isolated = new IsolatedBlock(block, pass -> new NDList(), Runnable::run);
        assertThat(new GivenInputs(isolated).of(heard).getBatch().getData()).hasSize(1);
    }

    /**
     * Not run by DJL 0.36, whose list of such a block's weights PyTorch reads otherwise: it takes
     * one direction's weights for the other's biases, and reads memory that is not its own.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6})
    void theStatesOfBothDirectionsAreNotInputs(int samples) {
        BatchData heard = batch(samples);
        NDArray given = heard.getBatch().getData().head();
        heard.getBatch().getData().add(manager.zeros(new Shape(2, samples, 4)));
        heard.getBatch().getData().add(manager.zeros(new Shape(2, samples, 4)));
        Block model = initialised(new SequentialBlock().add(lstm(true)));
        assertThat(new GivenInputs(model).of(heard).getBatch().getData()).containsExactly(given);
    }

    @Test
    void statesThatTheLoopCarriesOnAreItsInputs() {
        Block model = initialised(lstm(false));
        BatchData heard = batch(6);
        heard.getBatch().getData().add(manager.ones(new Shape(1, 6, 4)));
        heard.getBatch().getData().add(manager.zeros(new Shape(1, 6, 4)));
        GivenInputs inputs = new GivenInputs(model);
        assertThat(inputs.of(heard)).isSameAs(heard);
        // It begins a sequence anew: what was found out stands, and no batch is read again.
        BatchData anew = batch(6);
        anew.getBatch().getData().add(manager.zeros(new Shape(1, 6, 4)));
        anew.getBatch().getData().add(manager.zeros(new Shape(1, 6, 4)));
        assertThat(inputs.of(anew)).isSameAs(anew);
    }

    @Test
    void otherModelsAndOtherInputsAreShownAsTheyAre() {
        BatchData heard = batch(6);
        assertThat(new GivenInputs(Linear.builder().setUnits(2).build()).of(heard)).isSameAs(heard);
        assertThat(new GivenInputs(initialised(gru())).of(heard)).isSameAs(heard);
        heard.getBatch().getData().add(manager.zeros(new Shape(6, 5, 4)));
        assertThat(new GivenInputs(initialised(gru())).of(heard)).isSameAs(heard);
        BatchData bare = new BatchData(null, Map.of(), Map.of());
        assertThat(new GivenInputs(initialised(gru())).of(bare)).isSameAs(bare);
    }

    private BatchData batch(int samples) {
        NDList data = new NDList(manager.ones(new Shape(samples, 5, 4)));
        NDList labels = new NDList(manager.zeros(new Shape(samples)));
        return new BatchData(
                new Batch(manager, data, labels, samples, null, null, 0, 0), Map.of(), Map.of());
    }

    private Block initialised(Block block) {
        block.initialize(manager, DataType.FLOAT32, new Shape(6, 5, 4));
        return block;
    }

    private static Block lstm(boolean both) {
        return LSTM.builder()
                .setStateSize(4)
                .setNumLayers(1)
                .optBidirectional(both)
                .optReturnState(false)
                .build();
    }

    private static Block gru() {
        return GRU.builder().setStateSize(4).setNumLayers(1).build();
    }

    private static Block rnn() {
        return RNN.builder()
                .setStateSize(4)
                .setNumLayers(1)
                .setActivation(RNN.Activation.TANH)
                .build();
    }
}
