package dev.engram.assistant;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.assistant.corpus.Labels;
import dev.engram.assistant.encoder.HashedWords;
import dev.engram.assistant.training.SavedAssistant;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.prompttuning.TaskChooser;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskLoss;
import dev.engram.scenarios.command.BadInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
        try (Model model = saved.model(folder);
                ForgettingListener memory = saved.memory(folder)) {
            Domains domains = domains(saved, model, memory);
            if (!sentence.isEmpty()) {
                System.out.println(answer(saved, model, domains, String.join(" ", sentence)));
                return 0;
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    System.out.println(answer(saved, model, domains, line));
                }
            }
        }
        return 0;
    }

    private Domains domains(SavedAssistant saved, Model model, @Nullable ForgettingListener memory)
            throws IOException {
        if (memory != null && memory.isolates()) {
            TaskRegistry tasks = memory.tasks(model);
            TaskChooser chooser = TaskChooser.load(tasks, folder.resolve(SavedAssistant.CHOOSER));
            return new Domains(domain, chooser, name -> tasks.handle(name).block());
        }
        if (domain == null && saved.scenario() == Scenario.TASK) {
            throw new BadInputException(
                    "This assistant was trained with the domain known: give --domain, one of "
                            + saved.labels().domains().stream().distinct().toList());
        }
        return new Domains(domain, null, name -> model.getBlock());
    }

    private static String answer(SavedAssistant saved, Model model, Domains domains, String text) {
        Labels labels = saved.labels();
        try (NDManager manager = model.getNDManager().newSubManager()) {
            long[] ids = new HashedWords(saved.architecture().rows()).encode(text);
            Shape shape = new Shape(1, HashedWords.LENGTH, HashedWords.HASHES);
            NDList input = new NDList(manager.create(ids, shape));
            String name = domains.of(input);
            int first = name.isEmpty() ? 0 : labels.first(name);
            int end = name.isEmpty() ? labels.intents().size() : labels.end(name);
            NDArray outputs =
                    domains.block(name)
                            .forward(new ParameterStore(manager, false), input, false)
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

    /** Which domain a sentence belongs to, and which block answers for it. */
    private record Domains(
            @Nullable String named, @Nullable TaskChooser chooser, Function<String, Block> blocks) {

        /** Returns the domain that the user named, or that was picked; empty if neither. */
        String of(NDList input) {
            if (named != null) {
                return named;
            }
            return chooser == null ? "" : chooser.choose(input).get(0);
        }

        Block block(String name) {
            return blocks.apply(name);
        }
    }
}
