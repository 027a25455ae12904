package dev.engram.finetune;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.OnnxWriter;
import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.RetentionFindings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One strategy: the file learns both tasks and is written after each. */
final class FileRun {

    private final Path original;
    private final List<TaskData> tasks;
    private final Training training;
    private final Path out;

    FileRun(Path original, List<TaskData> tasks, Training training, Path out) {
        this.original = original;
        this.tasks = tasks;
        this.training = training;
        this.out = out;
    }

    /**
     * Trains and measures.
     *
     * @param strategy for the report
     * @param name of the file without its ending
     */
    Outcome run(String strategy, String name, @Nullable ForgettingListener listener)
            throws IOException {
        List<DeployedModel> versions = new ArrayList<>();
        long nanos = 0;
        try (Model model = training.model(original)) {
            OnnxBlock block = (OnnxBlock) model.getBlock();
            for (int i = 0; i < tasks.size(); i++) {
                long begin = System.nanoTime();
                training.learn(model, tasks.get(i), listener);
                nanos += System.nanoTime() - begin;
                boolean isLast = i == tasks.size() - 1;
                Path file = out.resolve(name + (isLast ? "" : "-after-" + (i + 1)) + ".onnx");
                write(block, file);
                versions.add(DeployedModel.of(file));
            }
            return outcome(strategy, block, versions, nanos / 1e9);
        }
    }

    private Outcome outcome(
            String strategy, OnnxBlock block, List<DeployedModel> versions, double seconds) {
        RetentionFindings findings = Study.versions(tasks, versions);
        Path last = versions.get(versions.size() - 1).file();
        Row row = Row.of(last, tasks, TaskData.accuracies(tasks, block), findings);
        return new Outcome(
                last, row, ReportedRun.of(strategy, findings.matrix(), seconds), findings);
    }

    private void write(OnnxBlock block, Path file) throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            OnnxWriter.Builder writer = OnnxWriter.builder().setBlock(block);
            tasks.forEach(task -> writer.addSample(task.sample(manager)));
            writer.build().write(file);
        }
    }

    /**
     * What came out.
     *
     * @param file that has learnt all tasks
     * @param row its accuracies
     * @param run its accuracies after each task, in ONNX Runtime
     */
    record Outcome(Path file, Row row, ReportedRun run, RetentionFindings findings) {}
}
