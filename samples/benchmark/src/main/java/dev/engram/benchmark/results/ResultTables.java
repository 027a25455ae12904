package dev.engram.benchmark.results;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.results.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files of results as tables in Markdown: a row a strategy, a column a scenario and settings. */
final class ResultTables {

    private static final List<String> SCENARIOS = List.of("task", "domain", "class");
    private static final List<String> STRATEGIES =
            List.of(
                    "none",
                    "ewc",
                    "ewc-online",
                    "si",
                    "rwalk",
                    "mas",
                    "lwf",
                    "averaging",
                    "owm",
                    "er",
                    "er-ace",
                    "der",
                    "der-plus-plus");

    private final List<Held> all;

    private ResultTables(List<Held> all) {
        this.all = all;
    }

    /** Reads all files of a folder. */
    static ResultTables read(Path folder) throws IOException {
        List<Held> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                all.add(read(Files.readString(file), file));
            }
        }
        return new ResultTables(all);
    }

    private static Held read(String text, Path file) {
        try {
            Held held = new Gson().fromJson(text, Held.class);
            if (held != null && held.protocol != null && held.entries != null) {
                return held;
            }
        } catch (JsonParseException e) {
            throw new BadInputException(file + " is damaged: " + e.getMessage(), e);
        }
        throw new BadInputException(file + " is no file of results");
    }

    /**
     * Returns the table of a protocol, and under it where its figures come from.
     *
     * @param rows the strategies that are shown, all of them where it is empty
     */
    String of(String protocol, Figure figure, List<String> rows) {
        List<Held> columns =
                all.stream()
                        .filter(held -> held.protocol.equals(protocol))
                        .filter(held -> !"tried".equals(held.settings))
                        .sorted(
                                Comparator.comparingInt(
                                                (Held held) -> SCENARIOS.indexOf(held.scenario))
                                        .thenComparing(held -> held.settings))
                        .toList();
        if (columns.isEmpty()) {
            throw new BadInputException("No results of " + protocol);
        }
        return columns.get(0).scenario == null ? costs(columns) : retention(columns, figure, rows);
    }

    private static String retention(List<Held> columns, Figure figure, List<String> rows) {
        StringBuilder table = new StringBuilder("| " + figure.heading() + " |");
        columns.forEach(
                held ->
                        table.append(
                                " %s-incremental, %s |".formatted(held.scenario, held.settings)));
        table.append("\n|").append(" --- |".repeat(columns.size() + 1)).append('\n');
        for (String strategy : strategies(columns, rows)) {
            table.append("| ").append(name(strategy)).append(" |");
            long most = columns.stream().mapToLong(Held::seeds).max().orElse(0);
            columns.forEach(
                    held ->
                            table.append(' ')
                                    .append(held.cell(strategy, figure, most))
                                    .append(" |"));
            table.append('\n');
        }
        return table + sources(columns);
    }

    private static String costs(List<Held> columns) {
        StringBuilder table =
                new StringBuilder("| step, guarded over unguarded | after tasks | ratio |\n");
        table.append("| --- | --- | --- |\n");
        for (Held held : columns) {
            for (Entry entry : held.entries) {
                for (RunResult run : entry.runs) {
                    if (run.stepRatio != null) {
                        table.append(
                                String.format(
                                        Locale.ROOT,
                                        "| %s, %s | %s | %.2f |%n",
                                        name(entry.strategy),
                                        held.settings,
                                        run.tasks,
                                        run.stepRatio));
                    }
                }
            }
        }
        return table.toString().replace(System.lineSeparator(), "\n") + sources(columns);
    }

    private static Set<String> strategies(List<Held> columns, List<String> rows) {
        Set<String> names =
                new TreeSet<>(
                        Comparator.comparingInt(ResultTables::place)
                                .thenComparing(Comparator.naturalOrder()));
        columns.forEach(held -> held.entries.forEach(entry -> names.add(entry.strategy)));
        if (!names.containsAll(rows)) {
            throw new BadInputException("No results of all of " + rows + ": there are " + names);
        }
        names.removeIf(name -> !rows.isEmpty() && !rows.contains(name));
        return names;
    }

    private static int place(String strategy) {
        int place = STRATEGIES.indexOf(strategy);
        return place < 0 ? STRATEGIES.size() : place;
    }

    private static String name(String strategy) {
        return strategy.equals(RunResult.NONE) ? "unguarded" : "`" + strategy + "`";
    }

    private static String sources(List<Held> columns) {
        Map<String, String> trainings = new LinkedHashMap<>();
        columns.stream()
                .filter(held -> held.training != null)
                .forEach(held -> trainings.put(String.valueOf(held.training), ""));
        String seeds =
                columns.stream()
                        .flatMap(held -> held.entries.stream())
                        .flatMap(entry -> entry.runs.stream())
                        .filter(run -> run.seed != null)
                        .map(run -> String.valueOf(run.seed))
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(", "));
        return "\n%s%s%s.\n"
                .formatted(
                        trainings.isEmpty() ? "" : String.join("; ", trainings.keySet()) + "; ",
                        seeds.isEmpty() ? "" : "seeds " + seeds + "; ",
                        origins(columns));
    }

    /** Returns the commits of each day and machine. */
    private static String origins(List<Held> columns) {
        Map<String, SortedSet<String>> commits = new TreeMap<>();
        columns.stream()
                .flatMap(held -> held.entries.stream())
                .forEach(
                        entry ->
                                commits.computeIfAbsent(
                                                entry.dayAndMachine(), any -> new TreeSet<>())
                                        .add(entry.commit()));
        return commits.entrySet().stream()
                .map(
                        each ->
                                "commit%s %s, %s"
                                        .formatted(
                                                each.getValue().size() > 1 ? "s" : "",
                                                String.join(", ", each.getValue()),
                                                each.getKey()))
                .collect(Collectors.joining("; "));
    }

    /** One file. */
    private static final class Held {

        private String protocol = "";
        private @Nullable String scenario;
        private String settings = "";
        private @Nullable String training;
        private List<Entry> entries = List.of();

        /**
         * Returns mean and standard error of a strategy's runs, and their number where others have
         * more; empty if it was not measured.
         */
        String cell(String strategy, Figure figure, long most) {
            double[] values = runs(strategy).mapToDouble(figure::of).toArray();
            if (values.length == 0) {
                return "";
            }
            String percent = MeanAndError.of(values).percent();
            boolean isShort = values.length > 1 && values.length < most;
            return isShort ? "%s (%s seeds)".formatted(percent, values.length) : percent;
        }

        /** Returns how many runs the strategy with most of them has. */
        long seeds() {
            return entries.stream()
                    .mapToLong(entry -> runs(entry.strategy).count())
                    .max()
                    .orElse(0);
        }

        private Stream<RunResult> runs(String strategy) {
            return entries.stream()
                    .filter(entry -> entry.strategy.equals(strategy))
                    .flatMap(entry -> entry.runs.stream());
        }
    }

    /** One strategy in it. */
    private static final class Entry {

        private String strategy = "";
        private @Nullable Provenance from;
        private List<RunResult> runs = List.of();

        String commit() {
            return from == null ? "unknown" : from.commit();
        }

        String dayAndMachine() {
            return from == null ? "day and machine unknown" : from.date() + ", " + from.machine();
        }
    }
}
