package dev.engram.benchmark.meta;

import dev.engram.benchmark.experiment.Experiment;
import dev.engram.benchmark.experiment.TrainingOptions;
import dev.engram.benchmark.results.MeanAndError;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns an initialisation and step sizes on other tasks, and says what they keep. */
@Command(
        name = "meta",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Learns an initialisation and step sizes on tasks of its own; then six others are"
                        + " learnt one after the other, from it and from a random one.")
public final class MetaCommand implements Callable<Integer> {

    @Option(
            names = "--protocol",
            description = "permuted-mnist-6 or rotated-mnist-6 (${DEFAULT-VALUE})")
    private String protocol = "permuted-mnist-6";

    @Mixin private TrainingOptions training = new TrainingOptions();

    @Mixin private MetaOptions meta = new MetaOptions();

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(11, 12, 13, 14, 15);

    @Option(
            names = "--validate",
            description = "test on so many training images, which are then not learnt from")
    private int validate;

    @Override
    public Integer call() throws IOException {
        TrainAndTest images = training.images(validate);
        Protocol trained = training.protocol(protocol);
        System.out.println(protocol + ": " + Experiment.describe(trained));
        Map<String, List<MetaRun.Result>> all = new LinkedHashMap<>();
        for (int seed : seeds) {
            new MetaRun(trained, images, meta, seed)
                    .run()
                    .forEach(
                            (name, result) -> {
                                System.out.printf("seed %d, %s: %s%n", seed, name, result);
                                all.computeIfAbsent(name, one -> new ArrayList<>()).add(result);
                            });
        }
        all.forEach(MetaCommand::summarise);
        return 0;
    }

    private static void summarise(String name, List<MetaRun.Result> results) {
        System.out.printf(
                "%s: average %s %%, when just learnt %s %%, forgot %s%n",
                name,
                percent(results.stream().mapToDouble(MetaRun.Result::average).toArray()),
                percent(results.stream().mapToDouble(MetaRun.Result::justLearnt).toArray()),
                percent(results.stream().mapToDouble(MetaRun.Result::forgotten).toArray()));
    }

    private static String percent(double[] values) {
        return MeanAndError.of(values).percent();
    }
}
