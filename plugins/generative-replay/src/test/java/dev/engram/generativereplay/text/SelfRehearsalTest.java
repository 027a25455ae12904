package dev.engram.generativereplay.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.listener.TrainingListener;
import dev.engram.api.task.Task;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a language model has learnt stays, with nothing but what it wrote itself. */
class SelfRehearsalTest {

    /** Of a language that is known it is two. */
    private static final double KNOWN = 2.4;

    private static double forgotten;

    @BeforeAll
    static void forget() {
        try (Model model = Languages.model()) {
            Languages.fit(model, 0);
            assertThat(Languages.perplexity(model, 0)).isLessThan(2.1);
            Languages.fit(model, 1);
            forgotten = Languages.perplexity(model, 0);
        }
        assertThat(forgotten).isGreaterThan(2 * KNOWN);
    }

    @Test
    void anEarlierLanguageStaysAndTheNewOneIsLearnt() {
        try (Model model = Languages.model();
                ForgettingListener listener = listener(Map.of()).build()) {
            Languages.fit(model, 0, listener);
            Languages.fit(model, 1, listener);
            requireBoth(model);
            assertThat(listener.effect("self-rehearsal").orElseThrow().gradientShare())
                    .isPositive();
        }
    }

    @Test
    void aLaterProcessWritesWithTheModelThatItIsGiven(@TempDir Path memory) {
        try (Model model = Languages.model()) {
            fitInAProcess(model, 0, listener(Map.of()).optMemory(memory));
            fitInAProcess(model, 1, listener(Map.of()).optMemory(memory));
            requireBoth(model);
        }
    }

    @Test
    void textsThatAreKeptStayAndAreThereInALaterProcess(@TempDir Path memory) {
        Map<String, Object> keep = Map.of("keep", true, "longest-copy", 0, "texts", 100);
        try (Model model = Languages.model()) {
            fitInAProcess(model, 0, listener(keep).optMemory(memory));
            fitInAProcess(model, 1, listener(keep).optMemory(memory));
            requireBoth(model);
        }
    }

    @Test
    void aPretrainedBaseIsProtectedWithoutDataOfItsOwn() {
        try (Model model = Languages.model()) {
            Languages.fit(model, 0);
            try (ForgettingListener listener = listener(Map.of()).optBase(Base.PROTECT).build()) {
                Languages.fit(model, 1, listener);
                assertThat(listener.effect("self-rehearsal").orElseThrow().gradientShare())
                        .as("without the source the base's answers would be held alone")
                        .isPositive();
            }
            requireBoth(model);
        }
    }

    @Test
    void aBaseIsRememberedWithData() {
        try (Model model = Languages.model();
                NDManager manager = NDManager.newBaseManager()) {
            Languages.fit(model, 0);
            try (ForgettingListener listener = listener(Map.of()).build()) {
                listener.remember(
                        model, Languages.dataset(0, 64, manager), new Languages.TokenLoss());
                Languages.fit(model, 1, listener);
            }
            requireBoth(model);
        }
    }

    @Test
    void whatTheModelAnsweredGoesWithTheTexts() {
        RehearsalGuard dark =
                RehearsalGuard.builder()
                        .setSource(SelfRehearsal.builder().optAnswers(true).build())
                        .setName("dark")
                        .optMixing(Mixing.fixed(0.5))
                        .optDarkExperience(0.5, 0)
                        .build();
        try (Model model = Languages.model();
                ForgettingListener listener = ForgettingListener.builder().addGuard(dark).build()) {
            Languages.fit(model, 0, listener);
            Languages.fit(model, 1, listener);
            assertThat(Languages.perplexity(model, 0)).isLessThan(KNOWN);
        }
    }

    @Test
    void beforeATaskWasLearntThereIsNothing() {
        try (SelfRehearsal source = SelfRehearsal.builder().build()) {
            assertThat(source.tasks()).isEmpty();
            assertThat(source.available(Task.named("first"))).isZero();
            assertThat(source.erase("anybody")).isZero();
        }
    }

    @Test
    void aTaskThatFailedIsForgotten() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = keeping().build()) {
            Told told = new Told(manager);
            told.learn(source, "first", 0);
            told.learn(source, "second", 1);
            assertThat(source.tasks()).containsExactlyInAnyOrder("first", "second");
            assertThat(source.forget(Task.named("second"))).isPositive();
            assertThat(source.forget(Task.named("second"))).isZero();
            assertThat(source.tasks()).containsExactly("first");
            assertThat(source.available(Task.named("first"))).isZero();
            assertThat(source.available(Task.named("third"))).isPositive();
        }
    }

    @Test
    void textsBeginWithTheTokenOfTheirTaskAndAreRehearsedAsIts() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source =
                        keeping().optFirstToken("first", 3).optFirstToken("second", 9).build()) {
            Told told = new Told(manager);
            told.learn(source, "first", 0);
            told.learn(source, "second", 1);
            var drawn = source.draw(Task.named("third"), 64, manager).get(0);
            long[] tokens = drawn.data().head().toLongArray();
            assertThat(drawn.tasks()).contains("first", "second").isSorted();
            for (int i = 0; i < drawn.size(); i++) {
                long first = tokens[i * Languages.LENGTH];
                assertThat(first).isEqualTo(drawn.tasks().get(i).equals("first") ? 3 : 9);
            }
            assertThat(source.draw(Task.named("second"), 8, manager).get(0).tasks())
                    .containsOnly("first")
                    .hasSize(8);
        }
    }

    @Test
    void labelsAreTheNextTokensAndTypesThoseOfTheSamples() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = keeping().build()) {
            new Told(manager).learn(source, "first", 0);
            var drawn = source.draw(Task.named("second"), 16, manager).get(0);
            assertThat(drawn.data().head().getDataType()).isEqualTo(DataType.INT64);
            assertThat(drawn.labels().head().get(":,0:" + (Languages.LENGTH - 1)).toLongArray())
                    .isEqualTo(drawn.data().head().get(":,1:").toLongArray());
        }
    }

    @Test
    void shorterTextsAreWrittenWhereTheyAreWanted() {
        try (NDManager manager = NDManager.newBaseManager();
                SelfRehearsal source = keeping().optLength(5).optShared(1).build()) {
            new Told(manager).learn(source, "first", 0);
            var drawn = source.draw(Task.named("second"), 16, manager).get(0);
            assertThat(drawn.data().head().getShape()).isEqualTo(new Shape(16, 5));
            assertThat(drawn.labels().head().getShape()).isEqualTo(new Shape(16, 5));
            assertThat(source.bytes()).isEqualTo(50 * 6 * Integer.BYTES);
        }
    }

    @Test
    void whatItDrawsGoesWithTheManagerAndClosingFreesTheRest() {
        try (NDManager manager = NDManager.newBaseManager()) {
            try (NDManager own = manager.newSubManager();
                    SelfRehearsal source = keeping().build()) {
                new Told(own).learn(source, "first", 0);
                int before = count(own);
                for (int i = 0; i < 3; i++) {
                    try (NDManager step = own.newSubManager()) {
                        source.draw(Task.named("second"), 8, step);
                    }
                }
                assertThat(count(own)).isEqualTo(before);
            }
            assertThat(count(manager)).isZero();
        }
    }

    private static int count(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    private static SelfRehearsalBuilder keeping() {
        return SelfRehearsal.builder().optKeep(true).optLongestCopy(0).optTexts(50);
    }

    private static ForgettingListener.Builder listener(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("share", 0.5);
        return ForgettingListener.builder().addStrategy("self-rehearsal", all);
    }

    private static void fitInAProcess(
            Model model, int language, ForgettingListener.Builder builder) {
        try (ForgettingListener listener = builder.build()) {
            Languages.fit(model, language, new TrainingListener[] {listener});
        }
    }

    private static void requireBoth(Model model) {
        assertThat(List.of(Languages.perplexity(model, 0), Languages.perplexity(model, 1)))
                .as("perplexities; unguarded training leaves %s of the first", forgotten)
                .allMatch(perplexity -> perplexity < KNOWN);
    }
}
