package dev.engram.djl.internal.check;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import org.junit.jupiter.api.Test;

class NumbersInAutogradTest {

    private static final Block PLAIN = Linear.builder().setUnits(1).build();

    @Test
    void bertIsFoundWhereverItStands() {
        Block bert = BertBlock.builder().nano().setTokenDictionarySize(8).build();
        Block model = new SequentialBlock().add(bert).add(PLAIN);
        assertThat(NumbersInAutograd.found(model, Loss.softmaxCrossEntropyLoss()))
                .containsExactly("BertBlock");
    }

    @Test
    void activationsWithANumberAreFoundAndOthersNot() {
        Block model =
                new SequentialBlock()
                        .add(Activation.relu6Block())
                        .add(Activation.reluBlock())
                        .add(new SequentialBlock().add(Activation.swishBlock(1)))
                        .add(Activation.geluBlock());
        assertThat(NumbersInAutograd.found(model, Loss.softmaxCrossEntropyLoss()))
                .containsExactly("ReLU6", "Swish");
    }

    @Test
    void lossesWithAWeightAreFoundAndOthersNot() {
        assertThat(NumbersInAutograd.found(PLAIN, Loss.l2Loss())).containsExactly("L2Loss");
        assertThat(NumbersInAutograd.found(PLAIN, new L1Loss("l1", 0.5f)))
                .containsExactly("L1Loss");
        assertThat(
                        NumbersInAutograd.found(
                                PLAIN, new SoftmaxCrossEntropyLoss("s", 2, -1, true, true)))
                .containsExactly("SoftmaxCrossEntropyLoss");
        assertThat(NumbersInAutograd.found(PLAIN, Loss.softmaxCrossEntropyLoss())).isEmpty();
        assertThat(NumbersInAutograd.found(PLAIN, Loss.l1Loss())).isEmpty();
    }
}
