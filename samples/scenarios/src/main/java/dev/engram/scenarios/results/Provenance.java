package dev.engram.scenarios.results;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Where a figure comes from, so that others can make it again.
 *
 * @param commit of the checkout that the program was built in, with "-dirty" where files differ
 * @param date when it was measured
 * @param machine processor and how many of them the program may use
 * @param java the virtual machine
 * @param malloc how glibc treats freed memory
 * @param command what was written on the command line
 */
public record Provenance(
        String commit, String date, String machine, String java, String malloc, String command) {

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /** Returns that of this process. */
    public static Provenance now(String program, List<String> arguments) {
        return new Provenance(
                checkout(),
                LocalDate.now(ZoneOffset.UTC).toString(),
                "%s, %s processors"
                        .formatted(processor(), Runtime.getRuntime().availableProcessors()),
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                MallocSetting.describe(),
                program + " " + String.join(" ", arguments));
    }

    private static String checkout() {
        try {
            Path jar =
                    Path.of(
                            Provenance.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            String folder = jar.resolveSibling(".").toString();
            Process git =
                    new ProcessBuilder(
                                    "git",
                                    "-C",
                                    folder,
                                    "describe",
                                    "--always",
                                    "--dirty",
                                    "--abbrev=12",
                                    "--exclude=*")
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? said : "unknown";
        } catch (IOException | URISyntaxException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }

    private static String processor() {
        String otherwise = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!Files.isReadable(PROCESSORS)) {
            return otherwise;
        }
        try {
            return Files.readAllLines(PROCESSORS).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
