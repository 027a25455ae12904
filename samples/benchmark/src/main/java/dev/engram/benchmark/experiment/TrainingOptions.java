package dev.engram.benchmark.experiment;

import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.IdxFolder;
import dev.engram.scenarios.images.TrainAndTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what is trained on which images. */
public final class TrainingOptions {

    /** What --protocol takes. */
    public static final String PROTOCOLS =
            "split-mnist-500, permuted-mnist-10, permuted-mnist-6, rotated-mnist-6, step-cost,"
                    + " isolation-cost, isolation-serving, onnx-cost, fisher-cost or store-cost";

    private static final int DRAWN_TRAIN = 20_000;
    private static final int DRAWN_TEST = 2_000;

    @Option(names = "--scenario", description = "task, domain or class (${DEFAULT-VALUE})")
    public Scenario scenario = Scenario.DOMAIN;

    @Option(names = "--strategies", split = ",", description = "none,ewc,... (${DEFAULT-VALUE})")
    public List<String> strategies = List.of("none", "ewc-online");

    @Option(names = "--data", description = "folder with IDX files; default: drawn images")
    private @Nullable Path data;

    @Option(
            names = "--draw",
            description = "without --data: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Drawn drawn = Drawn.DIGITS;

    @Option(
            names = "--hidden",
            split = ",",
            description = "hidden units, instead of the protocol's")
    public @Nullable List<Integer> hidden;

    @Option(names = "--batch", description = "batch size, instead of the protocol's")
    public @Nullable Integer batch;

    @Option(names = "--epochs", description = "epochs a task, instead of the protocol's")
    private @Nullable Integer epochs;

    @Option(
            names = "--keep-optimizer",
            description = "Adam's moments go on from task to task, instead of beginning anew")
    private boolean keepsOptimizer;

    @Option(
            names = "--fast",
            description =
                    "permuted-mnist-10 with one epoch, 1000 hidden units and one Adam for all"
                            + " tasks")
    private boolean fast;

    @Option(
            names = "--standardise",
            description = "pixels with mean 0 and deviation 1, as Avalanche's benchmarks have them")
    private boolean standardises;

    /**
     * Reads or draws the images.
     *
     * @param heldOut how many training images are tested on instead of the test images; 0: none
     */
    public TrainAndTest images(int heldOut) {
        TrainAndTest read =
                data == null ? drawn.draw(DRAWN_TRAIN, DRAWN_TEST) : new IdxFolder(data).read();
        TrainAndTest split = heldOut > 0 ? read.validation(heldOut) : read;
        return standardises ? split.standardised() : split;
    }

    /** Says what is tested on. */
    public String tested(int heldOut) {
        String images =
                heldOut > 0 ? "the last %s training images".formatted(heldOut) : "test images";
        return data != null
                ? images
                : "drawn %s, %s".formatted(drawn.name().toLowerCase(Locale.ROOT), images);
    }

    /** Returns the protocol of a name, with what the options change. */
    public Protocol protocol(String name) {
        Protocol base =
                switch (name) {
                    case "split-mnist-500" -> Protocol.SPLIT_500;
                    case "permuted-mnist-10" ->
                            fast ? Protocol.PERMUTED_FAST : Protocol.PERMUTED_10;
                    case "permuted-mnist-6" -> Protocol.PERMUTED_6;
                    case "rotated-mnist-6" -> Protocol.ROTATED_6;
                    default ->
                            throw new BadInputException(
                                    "--protocol %s: write %s".formatted(name, PROTOCOLS));
                };
        return new Protocol(
                base.name(),
                hidden == null ? base.hidden() : hidden,
                batch == null ? base.batchSize() : batch,
                base.iterations(),
                epochs == null ? base.epochs() : epochs,
                base.learningRate(),
                keepsOptimizer || base.keepsOptimizer());
    }
}
