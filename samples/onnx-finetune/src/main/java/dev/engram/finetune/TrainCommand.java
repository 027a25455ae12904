package dev.engram.finetune;

import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.IdxFolder;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the file, writes what it learnt, and compares. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Learns digits, then digits of permuted pixels, and shows what stays.")
final class TrainCommand implements Callable<Integer> {

    static final int TASKS = 2;
    private static final int DRAWN_TRAIN = 3000;
    private static final int DRAWN_TEST = 500;
    private static final int HIDDEN = 128;

    @Option(names = "--model", description = "the ONNX file: images in, scores of classes out")
    private @Nullable Path model;

    @Option(names = "--data", description = "folder with MNIST's IDX files")
    private @Nullable Path data;

    @Option(names = "--demo", description = "a model and digits of the sample's own")
    private boolean demo;

    @Option(
            names = "--strategies",
            split = ",",
            description = "none, and any of Engram's ids that guard weights (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("none", "ewc-online");

    @Option(names = "--set", description = "a setting of a strategy: ewc-online.lambda=0.01")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--steps", description = "training steps a task (${DEFAULT-VALUE})")
    private int steps = 300;

    @Option(names = "--batch", description = "images a step (${DEFAULT-VALUE})")
    private int batch = 128;

    @Option(names = "--rate", description = "of Adam (${DEFAULT-VALUE})")
    private float rate = 1e-3f;

    @Option(names = "--seed", description = "seed of everything random (${DEFAULT-VALUE})")
    private int seed = 1;

    @Option(names = "--out", description = "folder of all that is written (${DEFAULT-VALUE})")
    private Path out = Path.of("out");

    @Override
    public Integer call() throws IOException {
        requireSense();
        Strategies guards = new Strategies(strategies, new Presets(overrides));
        TaskSequence tasks = tasks(demo, data, seed);
        Files.createDirectories(out);
        Path original = model == null ? demoModel(tasks) : model;
        Plan plan = new Plan(steps, batch, rate, seed);
        new Finetuning(original, tasks, plan, out, System.out).run(guards);
        return 0;
    }

    /** Returns digits as they are, and digits whose pixels are in another order. */
    static TaskSequence tasks(boolean demo, @Nullable Path data, int seed) {
        TrainAndTest images =
                data == null || demo
                        ? DrawnDigits.draw(DRAWN_TRAIN, DRAWN_TEST, seed)
                        : new IdxFolder(data).read();
        return TaskSequence.permuted(images.standardised(), Scenario.DOMAIN, TASKS, seed);
    }

    private Path demoModel(TaskSequence tasks) throws IOException {
        Path file = out.resolve("original.onnx");
        DemoModel.write(file, tasks.features(), HIDDEN, tasks.outputs(), seed);
        return file;
    }

    private void requireSense() {
        if (demo == (model != null) || demo == (data != null)) {
            throw new BadInputException(
                    "Give either --model with an ONNX file and --data with MNIST's folder, or"
                            + " --demo");
        }
        if (model != null && !Files.isRegularFile(model)) {
            throw new BadInputException("--model " + model + " is no file; give an ONNX file");
        }
        if (steps < 1 || batch < 1 || !(rate > 0)) {
            throw new BadInputException(
                    "--steps %d --batch %d --rate %s: steps and batch from 1, rate above 0"
                            .formatted(steps, batch, rate));
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new BadInputException("--out " + out + " is a file; give a folder");
        }
    }
}
