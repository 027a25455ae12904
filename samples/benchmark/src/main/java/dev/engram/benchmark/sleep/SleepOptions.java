package dev.engram.benchmark.sleep;

import dev.engram.sleep.Sleep;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How the model sleeps; the plug-in's defaults unless set. */
final class SleepOptions {

    @Option(names = "--budget", description = "seconds of sleep (${DEFAULT-VALUE})")
    private int budget = 60;

    @Option(names = "--learning-rate", description = "(${DEFAULT-VALUE})")
    private double learningRate = 3e-4;

    @Option(names = "--temperature", description = "(${DEFAULT-VALUE})")
    private double temperature = 2;

    @Option(names = "--labels", description = "weight of the memory's labels (${DEFAULT-VALUE})")
    private double labels;

    @Option(names = "--decay", description = "of the moving average (${DEFAULT-VALUE})")
    double decay = 0.999;

    @Option(names = "--probe", description = "labelled samples of a task (${DEFAULT-VALUE})")
    int probe = 500;

    @Option(names = "--report", description = "print each sleep's report")
    boolean reports;

    Sleep.Builder sleep(long seed) {
        return Sleep.builder()
                .optBudget(Duration.ofSeconds(budget))
                .optLearningRate(learningRate)
                .optTemperature(temperature)
                .optLabels(labels)
                .optSeed(seed);
    }
}
