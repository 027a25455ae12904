package dev.engram.benchmark.base;

import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.IdxFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Protects pretrained models without any of their old data, and says what stays. */
@Command(
        name = "base",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "A pretrained model learns another task with Base.PROTECT: what stays of what an"
                        + " unguarded training destroys.")
public final class BaseCommand implements Callable<Integer> {

    @Option(names = "--data", required = true, description = "folder with MNIST's IDX files")
    private Path data = Path.of(".");

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(11, 12, 13);

    @Option(names = "--strategy", split = ",", description = "the listener's (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("ewc-online");

    @Option(
            names = "--held",
            description =
                    "${COMPLETION-CANDIDATES}: the base's answers (optBase), its weights"
                            + " (remember(model)), or what the strategies hold of themselves"
                            + " (${DEFAULT-VALUE})")
    private HeldBase held = HeldBase.ANSWERS;

    @Option(
            names = "--strength",
            description = "how firmly the base is held, optBaseStrength (${DEFAULT-VALUE})")
    private double strength = 1;

    @Option(
            names = "--held-out",
            description =
                    "look at so many training images instead of the test images, and do not train"
                            + " on them")
    private int heldOut;

    @Option(names = "--pairs", description = "of which these words are part (all)")
    private String pairs = "";

    @Override
    public Integer call() {
        if (heldOut < 0) {
            throw new BadInputException("--held-out %d: give 0 or more".formatted(heldOut));
        }
        var read = new IdxFolder(data).read();
        for (BasePair pair : BasePair.all(heldOut == 0 ? read : read.validation(heldOut))) {
            if (pair.name().contains(pairs)) {
                seeds.forEach(seed -> print(pair, seed));
            }
        }
        return 0;
    }

    private void print(BasePair pair, int seed) {
        PretrainedBase.Accuracies kept =
                new PretrainedBase(pair, seed).run(strategies, held, strength);
        System.out.printf(
                Locale.ROOT,
                "%-44s %4d  base %5.1f  unguarded %5.1f, new %5.1f  protected %5.1f, new %5.1f"
                        + "  kept %4.0f %%, new %+.1f%n",
                pair.name(),
                seed,
                kept.base(),
                kept.unguardedOld(),
                kept.unguardedNew(),
                kept.protectedOld(),
                kept.protectedNew(),
                100
                        * (kept.protectedOld() - kept.unguardedOld())
                        / (kept.base() - kept.unguardedOld()),
                kept.protectedNew() - kept.unguardedNew());
    }
}
