package dev.engram.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.RetentionFindings;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.command.Sample;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFinetuneTest {

    @TempDir private Path out;

    @Test
    void theDemoWritesFilesThatOnnxRuntimeRunsAsDjlTrainedThem() throws IOException {
        String said = demo();
        assertThat(out.resolve("retention.html")).isNotEmptyFile();
        List<TaskData> tasks = tasks();
        for (String file : List.of("original", "unguarded", "guarded")) {
            DeployedModel model = DeployedModel.of(out.resolve(file + ".onnx"));
            assertThat(printed(said, file + ".onnx")).isEqualTo(both(tasks, model));
        }
        assertThat(printed(said, "with each task's adapter"))
                .isEqualTo(both(tasks, adapted(tasks)));
        List<Double> guarded = printed(said, " guarded.onnx");
        assertThat(guarded.get(0)).isGreaterThan(printed(said, "unguarded.onnx").get(0));
        List<Double> adapters = printed(said, "with each task's adapter");
        assertThat(adapters.get(0)).isGreaterThan(90);
        assertThat(adapters.get(1)).isGreaterThan(90);
    }

    private String demo() {
        PrintStream standard = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(
                            run(
                                    "train",
                                    "--demo",
                                    "--steps=100",
                                    "--rate=0.003",
                                    "--set=ewc-online.lambda=10",
                                    "--out=" + out))
                    .isZero();
        } finally {
            System.setOut(standard);
        }
        String text = said.toString(StandardCharsets.UTF_8);
        System.out.println(text);
        return text;
    }

    private static int run(String... args) {
        return Sample.run(new OnnxFinetune(), args);
    }

    private List<TaskData> tasks() throws IOException {
        TaskSequence sequence = TrainCommand.tasks(true, null, 1);
        OnnxBlock block = OnnxBlock.builder().setModel(out.resolve("original.onnx")).build();
        Input input = Input.of(block, sequence);
        block.clear();
        return IntStream.range(0, 2).mapToObj(i -> new TaskData(sequence.task(i), input)).toList();
    }

    private DeployedModel adapted(List<TaskData> tasks) {
        DeployedModel model = DeployedModel.of(out.resolve("guarded-slots.onnx"));
        for (TaskData task : tasks) {
            model = model.withAdapter(task.name(), out.resolve(AdapterRun.fileName(task.name())));
        }
        return model;
    }

    /** What ONNX Runtime gives now, twice: for the columns of DJL and of ONNX Runtime. */
    private static List<Double> both(List<TaskData> tasks, DeployedModel model) {
        RetentionFindings findings = Study.one(tasks, model);
        List<Double> seen =
                tasks.stream()
                        .map(task -> findings.answers(model.name(), task.name()).accuracy())
                        .map(share -> Math.round(1e4 * share) / 100.0)
                        .toList();
        return Stream.concat(seen.stream(), seen.stream()).toList();
    }

    private static List<Double> printed(String said, String name) {
        String row =
                said.lines()
                        .filter(line -> (" " + line).contains(" " + name.strip() + " "))
                        .filter(line -> !line.startsWith("Training"))
                        .findFirst()
                        .orElseThrow();
        String numbers = row.substring(row.indexOf(name.strip()) + name.strip().length());
        return Stream.of(numbers.strip().split(" +")).map(Double::valueOf).toList();
    }

    @Test
    void badInputEndsInOneLineAndExitCodeTwo() throws IOException {
        Path damaged = Files.writeString(out.resolve("damaged.onnx"), "not a model");
        assertMistake("either --model", "train");
        assertMistake("either --model", "train", "--demo", "--data", out.toString());
        assertMistake("is no file", "train", "--model", "absent.onnx", "--data", "x");
        assertMistake("is not a folder", "train", "--model", damaged.toString(), "--data", "x");
        assertMistake("--steps 0", "train", "--demo", "--steps", "0");
        assertMistake("No strategy \"ewk\"", "train", "--demo", "--strategies", "ewk");
        assertMistake("one that guards", "train", "--demo", "--strategies", "none");
        assertMistake("leaves the file's weights", "train", "--demo", "--strategies", "lora");
    }

    private static void assertMistake(String expected, String... args) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = run(args);
        } finally {
            System.setErr(standard);
        }
        String text = said.toString(StandardCharsets.UTF_8).strip();
        assertThat(code).as(text).isEqualTo(2);
        assertThat(text).contains(expected).doesNotContain("\tat ");
        assertThat(text.lines().filter(line -> line.contains("train: "))).hasSize(1);
    }
}
