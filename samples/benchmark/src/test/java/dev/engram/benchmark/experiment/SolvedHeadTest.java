package dev.engram.benchmark.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.nn.SequentialBlock;
import dev.engram.benchmark.Benchmark;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.command.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class SolvedHeadTest {

    @TempDir private Path folder;

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

    /** Minutes: {@code -Dengram.mnist=folder -Dengram.mnist.json=file}. */
    @Test
    @EnabledIfSystemProperty(named = "engram.mnist", matches = ".+")
    void tenDigitsAreToldApartWithoutAStoredSample() throws Exception {
        Path file = Path.of(System.getProperty("engram.mnist.json", folder + "/results.json"));
        int code =
                Sample.run(
                        new Benchmark(),
                        "--protocol",
                        "split-mnist-500",
                        "--scenario",
                        "class",
                        "--data",
                        System.getProperty("engram.mnist"),
                        "--defaults",
                        "--strategies",
                        System.getProperty("engram.strategies", "ridge-head"),
                        "--seeds",
                        System.getProperty("engram.seeds", "11"),
                        "--set",
                        System.getProperty("engram.set", "ridge-head.epochs=1"),
                        "--json",
                        file.toString());
        assertThat(code).isZero();
        assertThat(Files.readString(file)).contains("averageAccuracy");
    }
}
