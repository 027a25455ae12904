package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever strategy rehearses, it does so from somebody else's source, too. */
class SourceByIdTest {

    private final GaussianProvider gauss = new GaussianProvider();

    @ParameterizedTest
    @ValueSource(strings = {"er", "a-gem", "er-ace"})
    void itProtectsByTheSamplesThatItDraws(String id) {
        try (Model model = Toy.model();
                ForgettingListener listener = with(id, Map.of("share", 0.5)).build()) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.8);
            assertThat(Toy.accuracy(model, 1)).isGreaterThan(0.8);
        }
    }

    @Test
    void aloneItIsJoinedWithRehearsalAndItsSettings() {
        try (Model model = Toy.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addProvider(gauss)
                                .addStrategy("acme-gauss", Map.of("width", 0.4, "share", 0.5))
                                .build()) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.8);
        }
        assertThatThrownBy(with("er", Map.of()).addStrategy("acme-gauss")::build)
                .hasMessageContaining("acme-gauss allows no other rehearsal, but er is one");
    }

    @Test
    void darkExperienceSaysThatItKeepsNoPredictions() {
        try (Model model = Toy.model();
                ForgettingListener listener = with("der-plus-plus", Map.of()).build()) {
            Toy.fit(model, 0, 1, listener);
            assertThatThrownBy(() -> Toy.fit(model, 1, 1, listener))
                    .hasMessageContaining("der-plus-plus")
                    .hasMessageContaining("take a source whose batches have them");
        }
    }

    @Test
    void whatItKeepsIsThereInAnotherListenerOverTheMemory(@TempDir Path memory) {
        try (Model model = Toy.model()) {
            try (ForgettingListener first = with("er", Map.of()).optMemory(memory).build()) {
                Toy.fit(model, 0, 5, first);
            }
            try (ForgettingListener second =
                    with("er", Map.of("share", 0.5)).optMemory(memory).build()) {
                Toy.fit(model, 1, 10, second);
                assertThat(gauss.made.restored).isEqualTo(2);
            }
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.8);
            // A store of its own would begin empty, and protect nothing of what was learnt.
            try (ForgettingListener third =
                    ForgettingListener.builder().addStrategy("er").optMemory(memory).build()) {
                assertThatThrownBy(() -> Toy.fit(model, 0, 1, third))
                        .hasMessageContaining("\"er\" was written with source = acme-gauss")
                        .hasMessageContaining("none of its parts set");
            }
        }
    }

    @Test
    void settingsOfAStoreThatNobodyWouldReadAreRefused() {
        assertThatThrownBy(with("er", Map.of("samples", 5, "selection", "ring"))::build)
                .hasMessageContaining("nothing would read [selection, samples]");
    }

    private ForgettingListener.Builder with(String id, Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("source", "acme-gauss");
        all.put("acme-gauss.width", 0.4);
        return ForgettingListener.builder().addProvider(gauss).addStrategy(id, all);
    }
}
