package dev.engram.onnx.fuzz;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.engram.api.EngramException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Damages good files at random and reads them; counts how that ended. */
final class FuzzRun {

    private static final List<Probe> PROBES = List.of(Probe.values());

    /** Other processes may stop this one for a while. */
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private final Path folder;
    private final List<Seed> seeds;
    private final Random random;
    private final Mutation mutation;
    private final Map<Probe, Integer> accepted = new EnumMap<>(Probe.class);
    private final Map<Probe, Integer> refused = new EnumMap<>(Probe.class);
    private final Map<String, Integer> findings = new TreeMap<>();
    private long slowest;

    /** A good file, and what reads it. */
    record Seed(String name, Path file, Probe probe) {}

    /**
     * Creates it.
     *
     * @param folder for the damaged files; nothing else may be in it
     */
    FuzzRun(Path folder, List<Seed> seeds, long seed) throws IOException {
        this.folder = Files.createDirectories(folder.resolve("home"));
        this.seeds = List.copyOf(seeds);
        random = new Random(seed);
        Path foreign = foreign(folder.resolve("foreign"));
        Path link = this.folder.resolve("link");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, foreign);
        mutation =
                new Mutation(
                        random,
                        List.of(foreign.toString(), "../foreign", "a/../../foreign", "link", "."));
    }

    private static Path foreign(Path file) throws IOException {
        float[] values = new float[1 << 16];
        Arrays.fill(values, Probe.FOREIGN);
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Files.write(file.toAbsolutePath(), bytes.array());
    }

    void run(BooleanSupplier goesOn) throws IOException {
        while (goesOn.getAsBoolean()) {
            Seed seed = next();
            // Left behind if the virtual machine dies of it.
            Path file = folder.resolve("last");
            Files.write(file, mutation.of(Files.readAllBytes(seed.file())));
            long begin = CLOCK.getCurrentThreadCpuTime();
            read(file, seed.probe());
            long took = CLOCK.getCurrentThreadCpuTime() - begin;
            if (took > slowest) {
                slowest = took;
                Files.copy(file, folder.resolveSibling("slowest"), REPLACE_EXISTING);
            }
        }
    }

    /** Each way in gets as many files as the others, however many good ones it has. */
    private Seed next() {
        Probe probe = PROBES.get(random.nextInt(PROBES.size()));
        List<Seed> own = seeds.stream().filter(seed -> seed.probe() == probe).toList();
        return own.get(random.nextInt(own.size()));
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private void read(Path file, Probe probe) throws IOException {
        try {
            probe.read(file);
            accepted.merge(probe, 1, Integer::sum);
        } catch (EngramException e) {
            refused.merge(probe, 1, Integer::sum);
        } catch (RuntimeException | IOException | Error e) {
            if (findings.merge(probe + " " + place(e), 1, Integer::sum) == 1) {
                e.printStackTrace();
                Files.copy(file, folder.resolveSibling("finding-" + findings.size()));
            }
        }
    }

    private static String place(Throwable thrown) {
        String first =
                Arrays.stream(thrown.getStackTrace())
                        .map(StackTraceElement::toString)
                        .filter(line -> line.startsWith("dev.engram") && !line.contains(".fuzz."))
                        .findFirst()
                        .orElse("");
        return thrown.getClass().getSimpleName() + " " + first;
    }

    int accepted(Probe probe) {
        return accepted.getOrDefault(probe, 0);
    }

    int refused(Probe probe) {
        return refused.getOrDefault(probe, 0);
    }

    /** Returns what was neither accepted nor refused, with how often. */
    Map<String, Integer> findings() {
        return findings;
    }

    @Override
    public String toString() {
        return "accepted %s, refused %s, neither %s; slowest %.0f ms of a processor"
                .formatted(accepted, refused, findings, slowest / 1e6);
    }
}
