package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import dev.engram.scenarios.command.Sample;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

    @TempDir private Path out;

    @Test
    void theMainJobRunsOnItsOwnDigitsAndTheGuardedRunForgetsLess() throws Exception {
        int code =
                Sample.run(
                        new Quickstart(), "--iters", "150", "--seed", "2", "--out", out.toString());
        assertThat(code).isZero();
        assertThat(out.resolve("retention.csv")).isNotEmptyFile();
        assertThat(out.resolve("retention.html")).isNotEmptyFile();
        JsonArray runs =
                JsonParser.parseString(Files.readString(out.resolve("retention.json")))
                        .getAsJsonObject()
                        .getAsJsonArray("runs");
        double control = runs.get(0).getAsJsonObject().get("averageAccuracy").getAsDouble();
        double guarded = runs.get(1).getAsJsonObject().get("averageAccuracy").getAsDouble();
        assertThat(guarded).isGreaterThan(control);
    }

    @Test
    void badInputEndsInOneLineAndExitCodeTwo() {
        assertMistake("No strategy \"ewk\"", "--strategy", "ewk");
        assertMistake("is not a folder", "--data", out.resolve("absent").toString());
        assertMistake("Neither", "--data", out.toString());
        assertMistake("--iters 0", "--iters", "0");
        assertMistake("scenario", "--scenario", "everything");
        assertMistake("did you mean \"lambda\"", "--set", "ewc-online.lamda=3");
        assertMistake("no strategy of that name runs", "--set", "ewc.lambda=3");
    }

    private static void assertMistake(String expected, String... args) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Sample.run(new Quickstart(), args);
        } finally {
            System.setErr(standard);
        }
        String text = said.toString(StandardCharsets.UTF_8).strip();
        assertThat(code).as(text).isEqualTo(2);
        assertThat(text).contains(expected).doesNotContain("\tat ");
        assertThat(text.lines().filter(line -> line.startsWith("quickstart: "))).hasSize(1);
    }
}
