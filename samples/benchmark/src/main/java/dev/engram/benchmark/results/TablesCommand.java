package dev.engram.benchmark.results;

import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the tables of the README from the files of results. */
@Command(
        name = "tables",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Writes the tables between <!-- results: protocol --> or <!-- results: protocol"
                        + " forgotten --> and <!-- end of results -->.")
public final class TablesCommand implements Callable<Integer> {

    private static final Pattern PLACE =
            Pattern.compile(
                    "<!-- results: (\\S+)( forgotten)? -->\\R.*?<!-- end of results -->",
                    Pattern.DOTALL);

    @Option(names = "--results", description = "folder of results (${DEFAULT-VALUE})")
    private Path results = Path.of("docs", "benchmarks");

    @Option(names = "--text", description = "the texts with the places (${DEFAULT-VALUE})")
    private List<Path> texts =
            List.of(Path.of("README.md"), Path.of("docs", "benchmarks", "README.md"));

    @Override
    public Integer call() throws IOException {
        List<Path> missing = texts.stream().filter(text -> !Files.isRegularFile(text)).toList();
        if (!Files.isDirectory(results) || !missing.isEmpty()) {
            throw new BadInputException(
                    "%s and %s are not all there: run it in the checkout, or give --results and --text"
                            .formatted(results, texts));
        }
        for (Path text : texts) {
            Files.writeString(text, filled(Files.readString(text), results));
            System.out.println("Wrote " + text);
        }
        return 0;
    }

    /** Returns the text with all tables as the results have them. */
    static String filled(String text, Path results) throws IOException {
        ResultTables tables = ResultTables.read(results);
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(fill(place, tables)));
    }

    private static String fill(MatchResult place, ResultTables tables) {
        String protocol = place.group(1);
        if (place.group(2) == null) {
            return "<!-- results: %s -->\n%s<!-- end of results -->"
                    .formatted(protocol, tables.of(protocol, Figure.ACCURACY));
        }
        return "<!-- results: %s forgotten -->\n%s<!-- end of results -->"
                .formatted(protocol, tables.of(protocol, Figure.FORGOTTEN));
    }
}
