package dev.engram.benchmark.sleep;

import dev.engram.sleep.Sleep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How the model sleeps; of lists, each with each, from the same weights. */
final class SleepOptions {

    @Option(names = "--budget", description = "seconds of sleep (${DEFAULT-VALUE})")
    private int budget = 600;

    @Option(names = "--learning-rate", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Double> learningRates = List.of(5e-4);

    @Option(names = "--temperature", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Double> temperatures = List.of(2.0);

    @Option(
            names = "--labels",
            split = ",",
            description = "weight of the memory's labels (${DEFAULT-VALUE})")
    private List<Double> labels = List.of(0.0);

    @Option(
            names = "--mixing",
            arity = "1",
            split = ",",
            description = "whether inputs are mixed (${DEFAULT-VALUE})")
    private List<Boolean> mixing = List.of(true);

    @Option(names = "--decay", description = "of the moving average (${DEFAULT-VALUE})")
    double decay = 0.999;

    @Option(names = "--probe", description = "labelled samples of a task (${DEFAULT-VALUE})")
    int probe = 500;

    @Option(
            names = "--keep",
            description =
                    "what so many trainings left is kept, and teaches, too (${DEFAULT-VALUE})")
    int kept = 5;

    @Option(names = "--report", description = "print each sleep's report")
    boolean reports;

    /** Returns all settings that are asked for. */
    List<Setting> settings() {
        List<Setting> all = new ArrayList<>();
        for (double rate : learningRates) {
            for (double temperature : temperatures) {
                for (double weight : labels) {
                    mixing.forEach(mixes -> all.add(new Setting(rate, temperature, weight, mixes)));
                }
            }
        }
        return all;
    }

    Sleep.Builder sleep(Setting setting, long seed) {
        return Sleep.builder()
                .optBudget(Duration.ofSeconds(budget))
                .optLearningRate(setting.learningRate())
                .optTemperature(setting.temperature())
                .optLabels(setting.labels())
                .optMixing(setting.mixing())
                .optSeed(seed);
    }

    /** What may be chosen. */
    record Setting(double learningRate, double temperature, double labels, boolean mixing) {

        @Override
        public String toString() {
            return "rate %s, T %s, labels %s, mixing %s"
                    .formatted(learningRate, temperature, labels, mixing);
        }
    }
}
