package dev.engram.assistant.minilm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.engram.api.metrics.Retention;
import dev.engram.assistant.Assistant;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.DemoSentences;
import dev.engram.assistant.training.Learning;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.command.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A real encoder, from a jar of Maven Central, and heads over it. */
class MiniLmTest {

    @TempDir private Path folder;

    @Test
    void sentencesThatMeanTheSameLieNearEachOther() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                MiniLm encoder = new MiniLm(folder)) {
            NDArray rows =
                    encoder.encode(
                            List.of(
                                    "how much money is in my account",
                                    "tell me the balance of my bank account, please",
                                    "will it rain tomorrow"),
                            manager);
            NDArray near = rows.matMul(rows.transpose());
            assertThat(at(near, 0, 0)).isBetween(0.999f, 1.001f);
            assertThat(at(near, 0, 1)).isGreaterThan(0.6f);
            assertThat(at(near, 0, 2)).isLessThan(0.3f);
        }
    }

    @Test
    void oneHeadKeepsAllDomainsAndASentenceIsEncodedOnce() throws Exception {
        try (MiniLm encoder = new MiniLm(folder)) {
            Embeddings embeddings = new Embeddings(folder, encoder);
            try (ForgettingListener listener =
                    ForgettingListener.builder().addStrategy("ridge-head").build()) {
                assertThat(average(embeddings, listener)).isGreaterThan(0.8);
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).hasSize(1 + 2 * 3);
            }
        }
    }

    private static double average(Embeddings embeddings, ForgettingListener listener)
            throws Exception {
        Curriculum curriculum = Curriculum.of(DemoSentences.read(), 3, 0);
        Learning learning = new Learning(1, 8, 1e-2f);
        try (MiniLmRun run = new MiniLmRun(curriculum, embeddings, learning, 0, 1)) {
            return Retention.of(run.run("demo", listener).matrix()).averageAccuracy();
        }
    }

    /** Minutes: {@code -Dengram.clinc150=folder -Dengram.clinc150.json=file}. */
    @Test
    @EnabledIfSystemProperty(named = "engram.clinc150", matches = ".+")
    void a150IntentsAreToldApartWithoutAStoredSentence() throws Exception {
        Path file = Path.of(System.getProperty("engram.clinc150.json", folder + "/results.json"));
        int code =
                Sample.run(
                        new Assistant(),
                        "minilm",
                        "--data",
                        System.getProperty("engram.clinc150"),
                        "--strategies",
                        "ridge-head,slda,ncm",
                        "--seeds",
                        System.getProperty("engram.seeds", "11"),
                        "--json",
                        file.toString());
        assertThat(code).isZero();
        assertThat(Files.readString(file)).contains("ridge-head");
    }

    private static float at(NDArray matrix, int row, int column) {
        return matrix.get(new NDIndex("{}, {}", row, column)).toFloatArray()[0];
    }
}
