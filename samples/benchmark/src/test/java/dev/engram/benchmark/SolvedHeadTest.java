package dev.engram.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.nn.SequentialBlock;
import dev.engram.scenarios.Protocol;
import org.junit.jupiter.api.Test;

class SolvedHeadTest {

    @Test
    void aNameSaysHowManyRandomFeaturesStandBeforeTheHead() {
        assertThat(SolvedHead.of("ridge-head")).contains(new SolvedHead("ridge-head", 2000));
        assertThat(SolvedHead.of("slda-5000")).contains(new SolvedHead("slda", 5000));
        assertThat(SolvedHead.of("ewc-online")).isEmpty();
        assertThat(SolvedHead.id("ncm-0")).isEqualTo("ncm");
        assertThat(SolvedHead.id("er")).isEqualTo("er");
    }

    @Test
    void aSolvedHeadSeesTheDataOnceAndHasNoHiddenLayers() {
        assertThat(SolvedHead.once(Protocol.SPLIT_500).epochs()).isEqualTo(1);
        try (Model pixels = new SolvedHead("ncm", 0).model(10, 1);
                Model random = new SolvedHead("ncm", 50).model(10, 1)) {
            assertThat(((SequentialBlock) pixels.getBlock()).getChildren().size()).isEqualTo(2);
            assertThat(((SequentialBlock) random.getBlock()).getChildren().size()).isEqualTo(3);
        }
    }
}
