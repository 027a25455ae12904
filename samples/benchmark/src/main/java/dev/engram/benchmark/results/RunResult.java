package dev.engram.benchmark.results;

import org.jspecify.annotations.Nullable;

/** One object of the JSON file; fields that do not apply stay null and are left out. */
public final class RunResult {

    /** The name of the run without any strategy. */
    public static final String NONE = "none";

    public final String protocol;
    public final @Nullable String scenario;
    public final String strategy;
    final @Nullable Integer seed;
    public @Nullable Integer tasks;
    public @Nullable Double averageAccuracy;
    public double @Nullable [][] accuracyMatrix;
    public @Nullable Double meanForgetting;
    public @Nullable Double justLearnt;
    public @Nullable Double trainSeconds;
    public @Nullable Double processorSeconds;
    public @Nullable Double stepMillis;
    public @Nullable Double stepRatio;
    public @Nullable Double stepProcessorRatio;
    public @Nullable Double peakMegabytes;
    public @Nullable Double loadSeconds;
    public @Nullable Double peakOverFile;
    public @Nullable Integer samples;
    public @Nullable Integer batchSize;
    public @Nullable Double fisherSeconds;
    public @Nullable Double sumOverExact;
    public @Nullable Double sumOverExactDeviation;
    public @Nullable Double correlation;
    public @Nullable Double samplesWrittenPerSecond;
    public @Nullable Double samplesReadPerSecond;

    public RunResult(
            String protocol, @Nullable String scenario, String strategy, @Nullable Integer seed) {
        this.protocol = protocol;
        this.scenario = scenario;
        this.strategy = strategy;
        this.seed = seed;
    }

    /** Returns the average accuracy over the tasks at the end; 0 where none was measured. */
    public double accuracy() {
        return averageAccuracy == null ? 0 : averageAccuracy;
    }
}
