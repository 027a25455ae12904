package dev.engram.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.scenarios.command.Sample;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssistantTest {

    private static final Pattern SPACES = Pattern.compile("\\s+");

    @TempDir private Path folder;

    @Test
    void onTheDemoReplayForgetsLessThanNothingDoesAndTheModelAnswers() throws Exception {
        Path report = folder.resolve("report.html");
        String said =
                run(
                        0,
                        "train",
                        "--demo",
                        "--scenario",
                        "class",
                        "--strategies",
                        "none,er",
                        "--pretrain",
                        "10",
                        "--width",
                        "64",
                        "--epochs",
                        "20",
                        "--batch",
                        "8",
                        "--set",
                        "er.share=0.5",
                        "--set",
                        "er.every=1",
                        "--report",
                        report.toString(),
                        "--out",
                        folder.toString());
        assertThat(forgotten(said, "er")).as(said).isLessThan(forgotten(said, "none") - 20);
        assertThat(Files.readString(report)).contains("er, seed 1");
        String model = folder.resolve("er").toString();
        assertThat(run(0, "ask", "--model", model, "my", "brakes", "squeak")).contains("brakes");
        assertThat(run(0, "ask", "--model", model, "--domain", "library", "please renew my loans"))
                .contains("library, renew");
        assertThat(run(2, "ask", "--model", model, "--domain", "opera", "sing"))
                .contains("--domain opera: the assistant knows [library, garden, bicycle]");
    }

    @Test
    void badInputEndsInOneLineAndExitCodeTwo() {
        assertThat(run(2, "train")).contains("Give either --data");
        assertThat(run(2, "train", "--demo", "--strategies", "ewk")).contains("No strategy");
        assertThat(run(2, "train", "--demo", "--domains", "9")).contains("give 2 to 3");
        assertThat(run(2, "train", "--demo", "--scenario", "class", "--strategies", "separate"))
                .contains("the domain must be known");
        assertThat(run(2, "train", "--data", folder.toString())).contains("domains.json");
        assertThat(run(2, "ask", "--model", folder.toString())).contains("assistant.json");
    }

    private static double forgotten(String said, String strategy) {
        String line =
                said.lines()
                        .filter(l -> l.startsWith(strategy + " ") && !l.contains("seed"))
                        .findFirst()
                        .orElseThrow();
        return Double.parseDouble(SPACES.splitAsStream(line.strip()).toList().get(2));
    }

    private static String run(int expected, String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code;
        try (PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            code = Sample.run(new Assistant(), args);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(expected);
        return text;
    }
}
