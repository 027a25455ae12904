package dev.engram.benchmark;

import org.jspecify.annotations.Nullable;

/** One object of the JSON file; fields that do not apply stay null and are left out. */
final class RunResult {

    final String protocol;
    final @Nullable String scenario;
    final String strategy;
    final @Nullable Integer seed;
    @Nullable Integer tasks;
    @Nullable Double averageAccuracy;
    double @Nullable [][] accuracyMatrix;
    @Nullable Double meanForgetting;
    @Nullable Double justLearnt;
    @Nullable Double trainSeconds;
    @Nullable Double processorSeconds;
    @Nullable Double stepMillis;
    @Nullable Double stepRatio;
    @Nullable Double peakMegabytes;
    @Nullable Double loadSeconds;
    @Nullable Double peakOverFile;
    @Nullable Integer samples;
    @Nullable Integer batchSize;
    @Nullable Double fisherSeconds;
    @Nullable Double sumOverExact;
    @Nullable Double sumOverExactDeviation;
    @Nullable Double correlation;
    @Nullable Double samplesWrittenPerSecond;
    @Nullable Double samplesReadPerSecond;

    RunResult(String protocol, @Nullable String scenario, String strategy, @Nullable Integer seed) {
        this.protocol = protocol;
        this.scenario = scenario;
        this.strategy = strategy;
        this.seed = seed;
    }

    /** Returns the average accuracy over the tasks at the end; 0 where none was measured. */
    double accuracy() {
        return averageAccuracy == null ? 0 : averageAccuracy;
    }
}
