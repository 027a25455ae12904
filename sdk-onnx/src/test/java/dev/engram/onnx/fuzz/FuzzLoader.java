package dev.engram.onnx.fuzz;

import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.testing.RandomAdapters;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads damaged files for some minutes: {@code FuzzLoader <folder with .onnx files> <minutes>
 * <seed>}; see docs/onnx.md. Ends with 1 if a file was neither accepted nor refused with a clear
 * error, or took more memory than any graph may ask for.
 */
public final class FuzzLoader {

    /** A graph may ask for one array of a gibibyte; the machine's own share is added. */
    private static final long MOST_MEGABYTES = 4096;

    private static final long LARGEST_SEED = 1 << 21;

    private FuzzLoader() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        if (args.length != 3) {
            System.err.println("FuzzLoader <folder with .onnx files> <minutes> <seed>");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("engram-fuzz");
        long seed = Long.parseLong(args[2]);
        List<FuzzRun.Seed> seeds = seeds(Path.of(args[0]));
        seeds.add(adapter(folder));
        FuzzRun run = new FuzzRun(folder, seeds, seed);
        long end = System.nanoTime() + (long) (Double.parseDouble(args[1]) * 60e9);
        run.run(() -> System.nanoTime() < end);
        long peak = peakMegabytes();
        System.out.printf(
                "%d good files, seed %d: %s; peak of the process %d MB%n",
                seeds.size(), seed, run, peak);
        boolean isGood = run.findings().isEmpty() && peak < MOST_MEGABYTES;
        System.out.println(isGood ? "nothing found" : "FOUND something; files in " + folder);
        System.exit(isGood ? 0 : 1);
    }

    private static List<FuzzRun.Seed> seeds(Path folder) throws IOException {
        List<FuzzRun.Seed> seeds = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().filter(f -> f.toString().endsWith(".onnx")).toList()) {
                if (Files.size(file) <= LARGEST_SEED) {
                    seeds.addAll(of(file));
                }
            }
        }
        return seeds;
    }

    static List<FuzzRun.Seed> of(Path model) {
        String name = model.getFileName().toString();
        return List.of(
                new FuzzRun.Seed(name, model, Probe.BLOCK),
                new FuzzRun.Seed(name, model, Probe.SLOTS));
    }

    static FuzzRun.Seed adapter(Path folder) {
        Path prepared = folder.resolve("seed-prepared.onnx");
        AdapterSlots slots = AdapterSlots.add(TwoLayers.in(folder), LayerSelection.all(), prepared);
        Path file = folder.resolve("seed.onnx_adapter");
        OnnxAdapterFile.write(RandomAdapters.of(slots, 2, 1), file);
        return new FuzzRun.Seed("adapter", file, Probe.ADAPTER);
    }

    private static long peakMegabytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
