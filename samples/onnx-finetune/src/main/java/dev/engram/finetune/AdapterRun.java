package dev.engram.finetune;

import ai.djl.Model;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.retention.DeployedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Learns a LoRA pair a task over a file, which itself stays as it is. */
final class AdapterRun {

    private static final int RANK = 8;
    private static final int ALPHA = 16;

    private final List<TaskData> tasks;
    private final Training training;
    private final Path out;

    AdapterRun(List<TaskData> tasks, Training training, Path out) {
        this.tasks = tasks;
        this.training = training;
        this.out = out;
    }

    /** Trains the adapters, writes them and the base with slots, and measures. */
    Row run(Path base) throws IOException {
        Path prepared = out.resolve("guarded-slots.onnx");
        AdapterSlots slots = AdapterSlots.add(base, LayerSelection.all(), prepared);
        List<Double> djl = new ArrayList<>();
        DeployedModel deployed = DeployedModel.of(prepared);
        try (Model model = training.model(base);
                ForgettingListener listener = listener(slots)) {
            for (TaskData task : tasks) {
                training.learn(model, task, listener);
            }
            TaskRegistry registry = listener.tasks(model);
            for (TaskData task : tasks) {
                djl.add(task.accuracy(registry.handle(task.name()).block()));
                Path file = write(LearntAdapter.of(slots, registry, task.name()), task);
                deployed = deployed.withAdapter(task.name(), file);
            }
        }
        Row row = Row.of(prepared, tasks, djl, Study.one(tasks, deployed));
        return new Row("  with each task's adapter", row.djl(), row.runtime());
    }

    private Path write(OnnxAdapter adapter, TaskData task) {
        Path file = out.resolve(fileName(task.name()));
        OnnxAdapterFile.write(adapter, file);
        return file;
    }

    /**
     * Returns the name of a task's adapter file: of two tasks never the same, also where letters of
     * either case are one.
     */
    static String fileName(String task) {
        String plain = task.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        UUID own = UUID.nameUUIDFromBytes(task.getBytes(StandardCharsets.UTF_8));
        String end = plain.equals(task) ? "" : "-" + own.toString().substring(0, 8);
        return plain + end + ".onnx_adapter";
    }

    private static ForgettingListener listener(AdapterSlots slots) {
        return ForgettingListener.builder()
                .addStrategy(
                        "lora",
                        Map.of(
                                "rank",
                                RANK,
                                "alpha",
                                ALPHA,
                                "targets",
                                String.join(",", slots.byWeight().keySet()),
                                "owned",
                                ""))
                .build();
    }
}
