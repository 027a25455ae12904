package dev.engram.assistant;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.BadInputException;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskLoss;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers what a sentence means. */
@Command(
        name = "ask",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Says what a sentence means; reads lines where none is given.")
final class AskCommand implements Callable<Integer> {

    @Option(
            names = "--model",
            required = true,
            description = "a strategy's folder below that of train --out")
    private Path folder = Path.of(".");

    @Option(names = "--domain", description = "the domain, where it is known")
    private @Nullable String domain;

    @Parameters(arity = "0..*", description = "the sentence")
    private List<String> sentence = List.of();

    @Override
    public Integer call() throws IOException {
        SavedAssistant saved = SavedAssistant.read(folder);
        if (domain == null && saved.scenario() == Scenario.TASK) {
            throw new BadInputException(
                    "This assistant was trained with the domain known: give --domain, one of "
                            + saved.labels().domains().stream().distinct().toList());
        }
        try (Model model = saved.model(folder);
                ForgettingListener memory = saved.memory(folder)) {
            Block block =
                    domain != null && memory != null && memory.isolates()
                            ? memory.tasks(model).handle(domain).block()
                            : model.getBlock();
            if (!sentence.isEmpty()) {
                System.out.println(answer(saved, model, block, String.join(" ", sentence)));
                return 0;
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    System.out.println(answer(saved, model, block, line));
                }
            }
        }
        return 0;
    }

    private String answer(SavedAssistant saved, Model model, Block block, String text) {
        Labels labels = saved.labels();
        int first = domain == null ? 0 : labels.first(domain);
        int end = domain == null ? labels.intents().size() : labels.end(domain);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            long[] ids = new HashedWords(saved.architecture().rows()).encode(text);
            Shape shape = new Shape(1, HashedWords.LENGTH, HashedWords.HASHES);
            NDArray outputs =
                    block.forward(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.create(ids, shape)),
                                    false)
                            .head()
                            .add(TaskLoss.outputMask(first, end, labels.intents().size(), manager));
            int best = Math.toIntExact(outputs.argMax(1).getLong());
            return String.format(
                    Locale.ROOT,
                    "%s, %s (%.0f %%)",
                    labels.domains().get(best),
                    labels.intents().get(best),
                    100 * outputs.softmax(1).getFloat(0, best));
        }
    }
}
