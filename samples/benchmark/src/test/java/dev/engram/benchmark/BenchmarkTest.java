package dev.engram.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.engram.benchmark.choose.Grid;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.command.Sample;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.TrainAndTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {

    @TempDir private Path folder;

    @Test
    void settingsAreChosenOnHeldOutTrainingImagesAndEveryTryIsWritten() throws Exception {
        Path file = folder.resolve("tried.json");
        int code =
                Sample.run(
                        new Benchmark(),
                        "choose",
                        "--protocol",
                        "permuted-mnist-10",
                        "--strategies",
                        "ewc-online",
                        "--try",
                        "ewc-online.lambda=0:1",
                        "--hidden",
                        "8",
                        "--epochs",
                        "1",
                        "--seeds",
                        "1",
                        "--held-out",
                        "19000",
                        "--json",
                        file.toString());
        assertThat(code).isZero();
        JsonObject written = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(written.get("tested").getAsString())
                .isEqualTo("drawn digits, the last 19000 training images");
        assertThat(written.getAsJsonArray("entries")).hasSize(2);
    }

    @Test
    void heldOutImagesAreTheLastTrainingImages() {
        TrainAndTest all = DrawnDigits.draw(30, 10, 1);
        TrainAndTest split = all.validation(10);
        assertThat(split.train().count()).isEqualTo(20);
        assertThat(split.test().labels()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(split.test().pixels()[100])
                .isEqualTo(all.train().pixels()[20 * all.train().features() + 100]);
        assertThatThrownBy(() -> all.validation(30)).isInstanceOf(BadInputException.class);
    }

    @Test
    void whatAFileHasIsNotMeasuredAgain() throws Exception {
        Path file = folder.resolve("results.json");
        assertThat(measure(file, "1")).isZero();
        String once = Files.readString(file);
        assertThat(measure(file, "1")).isZero();
        assertThat(Files.readString(file)).isEqualTo(once);
        assertThat(measure(file, "1,2")).isZero();
        JsonObject both = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(both.get("tested").getAsString())
                .isEqualTo("drawn textures, the last 19500 training images");
        assertThat(both.getAsJsonObject("summary").getAsJsonObject("none").get("runs").getAsInt())
                .isEqualTo(2);
    }

    private static int measure(Path file, String seeds) {
        return Sample.run(
                new Benchmark(),
                "--draw",
                "textures",
                "--protocol",
                "permuted-mnist-10",
                "--strategies",
                "none",
                "--defaults",
                "--hidden",
                "8",
                "--epochs",
                "1",
                "--validate",
                "19500",
                "--seeds",
                seeds,
                "--json",
                file.toString(),
                "--resume");
    }

    @Test
    void theCostOfAProtectedBaseIsMeasuredLikeThatOfAStrategy() throws Exception {
        Path file = folder.resolve("cost.json");
        int code =
                Sample.run(
                        new Benchmark(),
                        "--protocol",
                        "step-cost",
                        "--defaults",
                        "--strategies",
                        "base-outputs",
                        "--hidden",
                        "8",
                        "--batch",
                        "8",
                        "--tasks",
                        "1",
                        "--steps",
                        "40",
                        "--json",
                        file.toString());
        assertThat(code).isZero();
        assertThat(Files.readString(file)).contains("\"base-outputs\"");
    }

    @Test
    void aFileOfResultsThatCannotBeWrittenEndsInOneLine() throws Exception {
        Files.createDirectories(folder.resolve("folder.json"));
        assertThat(measure(folder.resolve("folder.json"), "1")).isEqualTo(2);
    }

    @Test
    void everyValueIsTriedWithEveryOther() {
        assertThat(Grid.of(Map.of("si.lambda", "1:2", "si.xi", "3:4", "mas.lambda", "5"), "si"))
                .hasSize(4)
                .contains(Map.of("si.lambda", "2", "si.xi", "3"));
        assertThatThrownBy(() -> Grid.of(Map.of("mas.lambda", "5"), "si"))
                .hasMessageContaining("Nothing to try of si");
    }

    @Test
    void anUnknownProtocolEndsInOneLine() {
        assertThat(Sample.run(new Benchmark(), "--protocol", "split")).isEqualTo(2);
        assertThat(Sample.run(new Benchmark())).isEqualTo(2);
    }
}
