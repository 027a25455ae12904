package dev.engram.djl;

import dev.engram.djl.internal.plugin.Problems;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a builder's options may be. */
final class OptionBounds {

    private static final double MOST = 100;

    private OptionBounds() {}

    /** Adds what is wrong with the strength of a base's protection. */
    static void requireStrength(
            double strength, Base base, @Nullable Path memory, Problems problems) {
        String given = "optBaseStrength(" + strength + ")";
        problems.require(
                strength > 0 && strength <= MOST,
                given + ": give a number above 0 up to 100; to hold nothing, optBase(Base.IGNORE)");
        problems.require(
                strength == 1 || base == Base.PROTECT || memory != null,
                given + " says how firmly optBase(Base.PROTECT) holds a base: set that, too");
    }

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
