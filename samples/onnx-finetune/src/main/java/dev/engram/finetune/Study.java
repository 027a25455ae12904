package dev.engram.finetune;

import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.RetentionFindings;
import dev.engram.onnx.retention.RetentionStudy;
import java.util.List;

/** Judges files by the tasks' test images in ONNX Runtime. */
final class Study {

    private Study() {}

    /** Judges files of which each has learnt one more task than the one before. */
    static RetentionFindings versions(List<TaskData> tasks, List<DeployedModel> versions) {
        RetentionStudy study = of(tasks);
        for (int i = 0; i < tasks.size(); i++) {
            study.addModel(versions.get(i), tasks.get(i).name());
        }
        return study.run();
    }

    /** Judges one file by all tasks. */
    static RetentionFindings one(List<TaskData> tasks, DeployedModel model) {
        String[] names = tasks.stream().map(TaskData::name).toArray(String[]::new);
        return of(tasks).addModel(model, names).run();
    }

    private static RetentionStudy of(List<TaskData> tasks) {
        RetentionStudy study = new RetentionStudy().optThreads(1);
        tasks.stream()
                .map(task -> task.input().fixed())
                .filter(fixed -> fixed > 0)
                .forEach(study::optBatchSize);
        tasks.forEach(task -> study.addTask(task.samples()));
        return study;
    }
}
