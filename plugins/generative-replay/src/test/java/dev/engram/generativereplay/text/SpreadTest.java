package dev.engram.generativereplay.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void aRareKindIsPickedAsOftenAsAFrequentOne() {
        List<Text> picked = picked(new Spread(2), 10);
        assertThat(picked).hasSize(10).doesNotHaveDuplicates();
        assertThat(picked).filteredOn(text -> text.seen()[0] > 50).hasSize(5);
    }

    @Test
    void ofFewerThanWantedAllStay() {
        assertThat(picked(new Spread(2), 1000)).hasSize(100);
    }

    private static List<Text> picked(Spread spread, int wanted) {
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            float at = i < 90 ? 0 : 100;
            texts.add(new Text(new int[] {i}, new float[0], new float[] {at + i * 1e-3f, 1}));
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            return spread.of(texts, wanted, manager, new SplittableRandom(1));
        }
    }
}
