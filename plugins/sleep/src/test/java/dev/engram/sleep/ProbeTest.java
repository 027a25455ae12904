package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ProbeTest {

    @Test
    void samplesThatComeOneByOneAreOfBothHalves() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Probe probe = new Probe("one by one", Answers.CLASSES);
            for (int i = 0; i < 7; i++) {
                NDList data = new NDList(manager.ones(new Shape(1, 2)));
                probe.add(data, new NDList(manager.zeros(new Shape(1))), manager);
            }
            probe.requireEnough();
            assertThat(probe.choose(inputs -> inputs)).hasSize(4);
            assertThat(probe.judge(inputs -> inputs)).hasSize(3);
        }
    }
}
