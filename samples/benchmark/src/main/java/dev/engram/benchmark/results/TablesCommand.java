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
                "Writes the tables between <!-- results: protocol -->, <!-- results: protocol"
                        + " forgotten -->, or either with the rows wanted, <!-- results: protocol"
                        + " of none,er -->, and <!-- end of results -->.")
public final class TablesCommand implements Callable<Integer> {

    private static final Pattern PLACE =
            Pattern.compile(
                    "(<!-- results: (\\S+)( forgotten)?(?: of (\\S+))? -->\\R).*?<!-- end of"
                            + " results -->",
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
        Figure figure = place.group(3) == null ? Figure.ACCURACY : Figure.FORGOTTEN;
        List<String> rows = place.group(4) == null ? List.of() : List.of(place.group(4).split(","));
        return place.group(1) + tables.of(place.group(2), figure, rows) + "<!-- end of results -->";
    }
}
