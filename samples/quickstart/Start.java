import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the quickstart; builds it first where it was never built or a source changed since.
 *
 * <p>Started from source, in the checkout: {@code java samples/quickstart/Start.java}. What follows
 * goes to the quickstart. While Maven works, each module, each download and the time are printed.
 */
public final class Start {

    private static final String MALLOC = "1073741824";
    private static final int LAST_LINES = 40;
    private static final int TICK_SECONDS = 5;
    private static final List<String> SOURCES =
            List.of(
                    "pom.xml",
                    "sdk-api",
                    "sdk-djl",
                    "plugins",
                    "samples/scenarios",
                    "samples/quickstart");
    private static final Pattern MODULE =
            Pattern.compile("\\[INFO\\] Building (.+?) \\S+ +(\\[\\d+/\\d+\\])");
    private static final Pattern DOWNLOAD =
            Pattern.compile("Downloaded from .*/(\\S+\\.jar) \\((\\S+ \\S+).*");

    private Start() {}

    /** Builds if need be, and runs. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path root = root();
        Path jar = root.resolve("samples/quickstart/target/quickstart.jar");
        if (isFresh(jar, root)) {
            System.out.println("Built already, nothing changed since.");
        } else if (!build(root)) {
            System.exit(1);
        }
        List<String> command = new ArrayList<>(List.of(java(), "-jar", jar.toString()));
        command.addAll(List.of(args));
        ProcessBuilder run = new ProcessBuilder(command).inheritIO();
        run.environment().putIfAbsent("MALLOC_TRIM_THRESHOLD_", MALLOC);
        run.environment().putIfAbsent("MALLOC_MMAP_THRESHOLD_", MALLOC);
        System.exit(run.start().waitFor());
    }

    private static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("mvnw")) && Files.exists(at.resolve("sdk-djl"))) {
                return at;
            }
        }
        throw new IllegalStateException("Run it in Engram's checkout: here is no mvnw");
    }

    /** Says whether a jar is there and no source of what is in it is newer. */
    static boolean isFresh(Path jar, Path root) throws IOException {
        if (!Files.exists(jar)) {
            return false;
        }
        FileTime built = Files.getLastModifiedTime(jar);
        for (String source : SOURCES) {
            if (newest(root.resolve(source))
                    .filter(time -> time.compareTo(built) > 0)
                    .isPresent()) {
                return false;
            }
        }
        return true;
    }

    private static Optional<FileTime> newest(Path folder) throws IOException {
        FileTime newest = null;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Start::isSource).toList()) {
                FileTime time = Files.getLastModifiedTime(file);
                newest = newest == null || time.compareTo(newest) > 0 ? time : newest;
            }
        }
        return Optional.ofNullable(newest);
    }

    private static boolean isSource(Path file) {
        String path = file.toString().replace('\\', '/');
        boolean counts = path.endsWith("pom.xml") || path.contains("/src/main/");
        return counts && !path.contains("/target/") && Files.isRegularFile(file);
    }

    private static boolean build(Path root) throws IOException, InterruptedException {
        boolean isWindows = System.getProperty("os.name").startsWith("Windows");
        Process maven =
                new ProcessBuilder(
                                root.resolve(isWindows ? "mvnw.cmd" : "mvnw").toString(),
                                "-B",
                                "-Dstyle.color=never",
                                "-Dmaven.test.skip=true",
                                "-Dmaven.source.skip=true",
                                "-pl",
                                "samples/quickstart",
                                "-am",
                                "package")
                        .directory(root.toFile())
                        .redirectErrorStream(true)
                        .start();
        Instant begin = Instant.now();
        System.out.println("Building (once; the next start takes seconds):");
        Thread ticks = new Thread(() -> tick(maven, begin), "ticks");
        ticks.setDaemon(true);
        ticks.start();
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(maven.getInputStream(), Charset.defaultCharset()))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                show(line);
                last.add(line);
                if (last.size() > LAST_LINES) {
                    last.remove();
                }
            }
        }
        if (maven.waitFor() == 0) {
            System.out.println("Built in " + seconds(begin) + " s.");
            return true;
        }
        last.forEach(System.err::println);
        return false;
    }

    private static void show(String line) {
        Matcher module = MODULE.matcher(line);
        Matcher download = DOWNLOAD.matcher(line);
        if (module.lookingAt()) {
            System.out.println("  " + module.group(2) + " " + module.group(1));
        } else if (download.find()) {
            System.out.println("  downloaded " + download.group(1) + ", " + download.group(2));
        }
    }

    private static void tick(Process maven, Instant begin) {
        try {
            while (!maven.waitFor(TICK_SECONDS, TimeUnit.SECONDS)) {
                System.out.println("  ... " + seconds(begin) + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long seconds(Instant begin) {
        return Duration.between(begin, Instant.now()).toSeconds();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
