import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes which artifact has which strategy: reads the services file of each plug-in, in which a
 * comment behind each provider names its id, such as {@code dev.engram.ewc.EwcProvider # ewc}.
 *
 * <p>Run by the build with the folder of the plug-ins and the file to write. A test over all
 * plug-ins compares the table with what their providers say.
 */
public final class BundledStrategiesTable {

    private static final String SERVICE =
            "src/main/resources/META-INF/services/dev.engram.api.spi.StrategyProvider";

    private BundledStrategiesTable() {}

    public static void main(String[] args) throws IOException {
        TreeMap<String, String> table = new TreeMap<>();
        try (Stream<Path> plugins = Files.list(Path.of(args[0]))) {
            for (Path plugin : plugins.filter(p -> Files.exists(p.resolve(SERVICE))).toList()) {
                add(plugin, table);
            }
        }
        List<String> lines =
                table.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        Path target = Path.of(args[1]);
        if (!Files.exists(target) || !Files.readAllLines(target).equals(lines)) {
            Files.createDirectories(target.getParent());
            Files.write(target, lines);
        }
    }

    private static void add(Path plugin, TreeMap<String, String> table) throws IOException {
        String artifact = "engram-plugin-" + plugin.getFileName();
        for (String line : Files.readAllLines(plugin.resolve(SERVICE))) {
            String[] words = line.split("#");
            if (words.length != 2) {
                throw new IllegalStateException(
                        plugin.resolve(SERVICE)
                                + ": write the id behind \""
                                + line
                                + "\": # my-id");
            }
            if (table.put(words[1].strip(), artifact + " " + words[0].strip()) != null) {
                throw new IllegalStateException("Two plug-ins provide " + words[1].strip());
            }
        }
    }
}
