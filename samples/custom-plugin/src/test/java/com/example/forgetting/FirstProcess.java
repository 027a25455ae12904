package com.example.forgetting;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.tck.SmallTasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Learns the first task of everything, and ends; {@link AnotherProcessTest} goes on. */
final class FirstProcess {

    static final String MODEL = "model";
    static final String ANSWERS = "answers.txt";

    private FirstProcess() {}

    /** Works in the folder that is the only argument. */
    public static void main(String[] args) throws Exception {
        for (Combination combination : Combination.values()) {
            Path folder = Files.createDirectories(Path.of(args[0], combination.name()));
            try (Model model = SmallTasks.model();
                    ForgettingListener listener = combination.listener(folder.resolve("memory"))) {
                SmallTasks.fit(model, 0, 10, listener);
                model.save(folder, MODEL);
            }
        }
        learnOverABase(Files.createDirectories(Path.of(args[0], "bitfit")));
    }

    private static void learnOverABase(Path folder) throws IOException {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = bitFit(folder)) {
            SmallTasks.fit(model, 0, 5);
            model.save(folder, MODEL);
            SmallTasks.fit(model, 1, 10, listener);
            Files.writeString(
                    folder.resolve(ANSWERS), answers(listener.tasks(model).handle("task-1")));
        }
    }

    static ForgettingListener bitFit(Path folder) {
        return ForgettingListener.builder()
                .addStrategy("acme-bitfit")
                .addStrategy("er")
                .optMemory(folder.resolve("memory"))
                .build();
    }

    static String answers(TaskHandle task) {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] outputs = task.predict(SmallTasks.inputs(manager, 1)).head().toFloatArray();
            return Arrays.toString(outputs);
        }
    }
}
