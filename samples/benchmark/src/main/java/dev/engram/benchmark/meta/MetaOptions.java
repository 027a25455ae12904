package dev.engram.benchmark.meta;

import dev.engram.metalearning.Granularity;
import dev.engram.metalearning.MetaMethod;
import dev.engram.metalearning.MetaTrainer.Inner;
import picocli.CommandLine.Option;

/** The options that say how it is learnt before the loop. */
public final class MetaOptions {

    @Option(names = "--method", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    MetaMethod method = MetaMethod.META_SGD;

    @Option(names = "--inner", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    Inner inner = Inner.ADAM;

    @Option(names = "--inner-rate", description = "(${DEFAULT-VALUE})")
    double innerRate = 1e-3;

    @Option(names = "--inner-steps", description = "(${DEFAULT-VALUE})")
    int innerSteps = 20;

    @Option(names = "--outer-rate", description = "(${DEFAULT-VALUE})")
    double outerRate = 1e-3;

    @Option(names = "--step-rate", description = "(${DEFAULT-VALUE})")
    double stepRate = 0.01;

    @Option(names = "--per", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    Granularity per = Granularity.ROW;

    @Option(names = "--initial", description = "(${DEFAULT-VALUE})")
    double initial = 0.5;

    @Option(names = "--most", description = "(${DEFAULT-VALUE})")
    double most = 3;

    @Option(names = "--remember", description = "(${DEFAULT-VALUE})")
    double remember = 0.5;

    @Option(names = "--rounds", description = "(${DEFAULT-VALUE})")
    int rounds = 400;

    @Option(names = "--stream", description = "tasks in the stream (${DEFAULT-VALUE})")
    int stream = 40;

    @Option(names = "--images", description = "of each of its tasks (${DEFAULT-VALUE})")
    int images = 1000;

    @Option(names = "--verbose", description = "shows the progress")
    boolean verbose;
}
