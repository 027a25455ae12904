package dev.engram.sleep;

import ai.djl.Model;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.sleep.internal.weights.SleepFiles;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is held open for a run. */
record Held(@Nullable SleepingMemory memory, @Nullable SleepFiles files) implements AutoCloseable {

    static Held open(Sleep.Builder settings, Model model, boolean dry) {
        Path directory = settings.directory;
        SleepFiles files = directory == null || dry ? null : SleepFiles.open(directory);
        try {
            Function<Model, SleepingMemory> memory = settings.memory;
            return new Held(memory == null ? null : memory.apply(model), files);
        } catch (RuntimeException e) {
            if (files != null) {
                files.close();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            if (memory != null) {
                memory.close();
            }
        } finally {
            if (files != null) {
                files.close();
            }
        }
    }
}
