package dev.engram.finetune;

import ai.djl.Model;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.djl.report.RetentionReport;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.PairedComparison;
import dev.engram.onnx.retention.RetentionLimit;
import dev.engram.scenarios.TaskSequence;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** All that the program does with one file. */
final class Finetuning {

    private static final RetentionLimit LIMIT = RetentionLimit.points(2, 0.95);

    private final Path original;
    private final TaskSequence sequence;
    private final Plan plan;
    private final Path out;
    private final PrintStream console;
    private final Training training;
    private final List<Row> rows = new ArrayList<>();
    private final List<ReportedRun> runs = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();

    Finetuning(Path original, TaskSequence sequence, Plan plan, Path out, PrintStream console) {
        this.original = original;
        this.sequence = sequence;
        this.plan = plan;
        this.out = out;
        this.console = console;
        this.training = new Training(plan);
    }

    void run(Strategies strategies) throws IOException {
        List<TaskData> tasks = start();
        FileRun files = new FileRun(original, tasks, training, out);
        Path main = original;
        for (String name : strategies.names()) {
            console.println("Training: " + name + " " + strategies.settings(name));
            Path written = learn(files, name, strategies);
            main = strategies.isMain(name) ? written : main;
        }
        console.println("Training: an adapter a task over " + main.getFileName());
        rows.add(new AdapterRun(tasks, training, out).run(main));
        finish();
    }

    private Path learn(FileRun files, String name, Strategies strategies) throws IOException {
        try (ForgettingListener listener = strategies.listener(name)) {
            FileRun.Outcome outcome = files.run(name, strategies.file(name), listener);
            add(name, outcome);
            return outcome.file();
        }
    }

    private List<TaskData> start() throws IOException {
        try (Model model = training.model(original)) {
            OnnxBlock block = (OnnxBlock) model.getBlock();
            Input input = Input.of(block, sequence);
            List<TaskData> tasks =
                    IntStream.range(0, TrainCommand.TASKS)
                            .mapToObj(i -> new TaskData(sequence.task(i), input))
                            .toList();
            rows.add(
                    Row.of(
                            original,
                            tasks,
                            TaskData.accuracies(tasks, block),
                            Study.one(tasks, DeployedModel.of(original))));
            facts.put("model", original.toString());
            facts.put("training", plan.toString());
            return tasks;
        }
    }

    private void add(String name, FileRun.Outcome outcome) {
        rows.add(outcome.row());
        runs.add(outcome.run());
        for (PairedComparison seen : outcome.findings().comparisons()) {
            facts.put(name + " on " + seen.task(), seen.describe(LIMIT));
        }
    }

    private void finish() throws IOException {
        console.println();
        Row.print(sequence.names(), rows, console);
        console.println();
        facts.forEach((key, value) -> console.println(key + ": " + value));
        new RetentionReport("Fine-tuning of an ONNX file", facts, runs).write(out);
        console.println("Wrote " + out.resolve("retention.html") + " and the files beside it");
    }
}
