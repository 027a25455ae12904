package dev.engram.djl;

import dev.engram.djl.internal.plugin.Problems;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a builder's options may be. */
final class OptionBounds {

    private OptionBounds() {}

    static Problems problems(int sampleCapacity, int accumulation, @Nullable Path memory) {
        Problems problems = new Problems();
        problems.require(
                sampleCapacity >= 1, "optSampleCapacity(" + sampleCapacity + "): keep at least 1");
        problems.require(
                accumulation >= 0,
                "optAccumulation(" + accumulation + "): give the number of batches a step");
        problems.require(
                memory == null || !Files.exists(memory) || Files.isDirectory(memory),
                "optMemory(" + memory + "): that is a file; give a directory, existing or not");
        return problems;
    }
}
