package dev.engram.benchmark.cost;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.benchmark.results.RunResult;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import dev.engram.replay.store.SampleStore;
import dev.engram.replay.store.disk.DiskStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Measures a disk store: samples written a second, samples drawn a second, heap, size. */
public final class StoreCost {

    private static final int BATCH = 128;
    private static final int FEATURES = 784;
    private static final int ROUNDS = 5;
    private static final int READ_A_ROUND = 200_000;
    private static final double NANOS = 1e9;
    private static final double MEGA = 1 << 20;

    private final long samples;
    private final boolean sealed;
    private final Random random = new Random(1);

    public StoreCost(long samples, boolean sealed) {
        this.samples = samples;
        this.sealed = sealed;
    }

    public List<RunResult> run() throws IOException {
        Path directory = Files.createTempDirectory("engram-store-cost");
        try (NDManager manager = NDManager.newBaseManager()) {
            RunResult result = new RunResult("store-cost", null, sealed ? "sealed" : "plain", null);
            try (SampleStore store = open(directory)) {
                result.samplesWrittenPerSecond = fill(store, manager);
            }
            long begin = System.nanoTime();
            try (SampleStore store = open(directory)) {
                double opened = (System.nanoTime() - begin) / NANOS;
                long[] ids = ids(store);
                double listed = (System.nanoTime() - begin) / NANOS - opened;
                result.samplesReadPerSecond = draw(store, ids, manager);
                print(result, directory, opened, listed);
                purge(store, ids);
            }
            return List.of(result);
        } finally {
            delete(directory);
        }
    }

    private SampleStore open(Path directory) {
        return DiskStore.builder().setDirectory(directory).optKey(key()).build();
    }

    private @Nullable SecretKey key() {
        return sealed ? new SecretKeySpec(new byte[32], "AES") : null;
    }

    private double fill(SampleStore store, NDManager manager) {
        long begin = System.nanoTime();
        for (long done = 0; done < samples; done += BATCH) {
            int count = (int) Math.min(BATCH, samples - done);
            try (NDManager scope = manager.newSubManager()) {
                NDList data = new NDList(scope.randomUniform(0, 1, new Shape(count, FEATURES)));
                NDList labels = new NDList(scope.zeros(new Shape(count), DataType.INT64));
                Layout layout = Layout.of(data, labels, new NDList());
                List<SampleKey> keys = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    String group = "task/" + random.nextInt(10);
                    long tag = random.nextLong();
                    keys.add(SampleKey.of(store.nextId(), "task", group, tag, "", done, layout));
                }
                NDList all = new NDList(data).addAll(labels);
                store.apply(Change.of(List.of(), keys, all, "after " + done));
            }
        }
        return samples / ((System.nanoTime() - begin) / NANOS);
    }

    private long[] ids(SampleStore store) {
        long[] ids = new long[Math.toIntExact(samples)];
        int[] count = new int[1];
        store.forEach(key -> ids[count[0]++] = key.id());
        return ids;
    }

    /** Returns the median of the rounds. */
    private double draw(SampleStore store, long[] ids, NDManager manager) {
        double[] rates = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int done = 0; done < READ_A_ROUND; done += BATCH) {
                long[] wanted = random.ints(BATCH, 0, ids.length).mapToLong(i -> ids[i]).toArray();
                try (NDManager scope = manager.newSubManager()) {
                    store.read(wanted, scope);
                }
            }
            rates[round] = READ_A_ROUND / ((System.nanoTime() - begin) / NANOS);
            System.out.printf("round %d: %.0f random samples a second%n", round + 1, rates[round]);
        }
        Arrays.sort(rates);
        return rates[ROUNDS / 2];
    }

    private void print(RunResult result, Path directory, double opened, double listed)
            throws IOException {
        System.out.printf(
                "%d samples of %d floats and a label, %s: %.0f written a second; opened in %.2f s,"
                    + " keys visited in %.2f s; %.0f random samples read a second in batches of %d"
                    + " (median of %d rounds); heap %.0f MB after a collection, limit %.0f MB;"
                    + " process peak %.0f MB; files %.0f MB%n",
                samples,
                FEATURES,
                result.strategy,
                result.samplesWrittenPerSecond,
                opened,
                listed,
                result.samplesReadPerSecond,
                BATCH,
                ROUNDS,
                heapLive() / MEGA,
                Runtime.getRuntime().maxMemory() / MEGA,
                PeakMemory.megabytes(),
                size(directory) / MEGA);
    }

    private static void purge(SampleStore store, long[] ids) {
        List<Long> removed =
                Stream.iterate(0, i -> i < ids.length, i -> i + 100).map(i -> ids[i]).toList();
        long begin = System.nanoTime();
        store.apply(Change.of(removed, List.of(), new NDList(), "purged"));
        store.purge();
        System.out.printf(
                "%d samples removed and purged in %.2f s%n",
                removed.size(), (System.nanoTime() - begin) / NANOS);
    }

    /** Includes what this program itself holds: one long a sample. */
    private static long heapLive() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
