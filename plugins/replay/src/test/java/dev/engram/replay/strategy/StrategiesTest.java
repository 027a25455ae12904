package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.tck.LiveArrays;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The strategies by id, in an ordinary training loop with one listener. */
class StrategiesTest {

    @ParameterizedTest
    @CsvSource({"er,0.9", "a-gem,0.5", "der,0.5", "der-plus-plus,0.9", "er-ace,0.9"})
    void earlierClassesStayWhereTheControlForgetsThem(String id, double least) {
        try (Model control = Toy.model();
                Model guarded = Toy.model();
                ForgettingListener listener = listener(id, Map.of("share", 0.5))) {
            Toy.fit(control, 0, 5);
            Toy.fit(control, 1, 10);
            Toy.fit(guarded, 0, 5, listener);
            Toy.fit(guarded, 1, 10, listener);
            assertThat(Toy.accuracy(control, 0)).isLessThan(0.5);
            assertThat(Toy.accuracy(guarded, 0)).isGreaterThan(least);
            assertThat(Toy.accuracy(guarded, 1)).isGreaterThan(0.9);
            assertThat(listener.effect(id).orElseThrow().gradientShare()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reservoir", "class-balanced", "ring", "greedy-balanced", "herding"})
    void everySelectionProtectsAlsoFromADiskInSmallStorage(
            String selection, @TempDir Path directory) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("selection", selection);
        settings.put("samples", 40);
        settings.put("directory", directory.resolve("samples"));
        settings.put("storage", "half");
        settings.put("share", 0.5);
        try (Model model = Toy.model();
                ForgettingListener listener = listener("er", settings)) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "cosine", "progress"})
    void sharesThatChangeProtectToo(String mixing) {
        Map<String, Object> settings = Map.of("mixing", mixing, "share", 0.2, "last-share", 0.5);
        try (Model model = Toy.model();
                ForgettingListener listener = listener("er", settings)) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.8);
        }
    }

    @Test
    void rehearsingEveryFourthStepWithFourTimesTheSamplesProtectsToo() {
        try (Model model = Toy.model();
                ForgettingListener listener = listener("er", Map.of("share", 0.5, "every", 4))) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.8);
        }
    }

    /** Of its own store, too, which then keeps what the model answered. */
    @Test
    void softTargetsProtectWithoutLabels() {
        Map<String, Object> settings = Map.of("share", 0.5, "every", 1, "soft-targets", 2);
        try (Model model = Toy.model();
                ForgettingListener listener = listener("er", settings)) {
            Toy.fit(model, 0, 5, listener);
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.5);
        }
    }

    @Test
    void aListenerOverTheSameMemoryGoesOnRehearsing(@TempDir Path memory) {
        try (Model model = Toy.model()) {
            try (ForgettingListener first = withMemory(memory)) {
                Toy.fit(model, 0, 5, first);
            }
            try (ForgettingListener second = withMemory(memory)) {
                Toy.fit(model, 1, 10, second);
                assertThat(second.tasks()).hasSize(2);
            }
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @Test
    void twoRehearsalsOnOneListenerAreRefusedByIdAndByHand() {
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy("er")
                                        .addStrategy("a-gem")
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("a-gem allows no other rehearsal, but er is one");
        RehearsalGuard byHand =
                RehearsalGuard.builder().setSource(ReplayBuffer.builder().build()).build();
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy("er")
                                        .addGuard(byHand)
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("[er, rehearsal] all rehearse");
    }

    @Test
    void anErasedSubjectIsGoneFromMemoryDirectoryAndDrawsAndItsNameIsNowhere(@TempDir Path memory)
            throws IOException {
        try (Model model = Toy.model()) {
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("er")
                            .optMemory(memory)
                            .optSubjects(
                                    batch ->
                                            Stream.generate(() -> "Ada Lovelace")
                                                    .limit(batch.getData().head().size(0))
                                                    .toList())
                            .build()) {
                Toy.fit(model, 0, 1, listener);
            }
            assertThat(bytes(memory)).doesNotContain("Ada Lovelace");
            assertThat(bytes(memory)).contains("samples.safetensors");
            try (ForgettingListener later = withMemory(memory)) {
                assertThat(later.erase("Ada Lovelace")).isEqualTo(256);
                assertThat(later.erase("Ada Lovelace")).isZero();
            }
            try (Stream<Path> generations = Files.list(memory)) {
                assertThat(generations.filter(Files::isDirectory)).hasSize(1);
            }
            try (Stream<Path> files = Files.walk(memory)) {
                assertThat(files.map(Path::toString)).noneMatch(f -> f.endsWith(".safetensors"));
            }
        }
    }

    @Test
    void aThousandGuardedStepsLeaveTheNumberOfArraysUnchanged() {
        for (String id : List.of("er", "a-gem", "der-plus-plus", "er-ace")) {
            try (Model model = Toy.model();
                    ForgettingListener listener = listener(id, Map.of("samples", 64))) {
                Toy.fit(model, 0, 1, listener);
                List<Integer> live = new ArrayList<>();
                TrainingListenerAdapter counter =
                        new TrainingListenerAdapter() {
                            @Override
                            public void onEpoch(Trainer trainer) {
                                live.add(LiveArrays.count());
                            }
                        };
                Toy.fit(model, 1, 126, listener, counter);
                assertThat(live.get(125)).as(id).isEqualTo(live.get(0));
            }
        }
    }

    @Test
    void erAceRefusesASourceThatHasNothingOfTheTaskThatTrains() {
        assertThatThrownBy(() -> listener("er-ace", Map.of("selection", "herding")))
                .hasMessageContaining("er-ace")
                .hasMessageContaining("herding")
                .hasMessageContaining("class-balanced");
    }

    @Test
    void wrongSettingsAreAllReportedAtOnce() {
        assertThatThrownBy(() -> listener("er", Map.of("selektion", "x", "share", 2, "samples", 0)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("did you mean \"selection\"")
                .hasMessageContaining("share = \"2\"")
                .hasMessageContaining("samples = \"0\"");
    }

    private static ForgettingListener withMemory(Path memory) {
        return ForgettingListener.builder().addStrategy("er").optMemory(memory).build();
    }

    private static ForgettingListener listener(String id, Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy(id, settings).build();
    }

    private static String bytes(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
