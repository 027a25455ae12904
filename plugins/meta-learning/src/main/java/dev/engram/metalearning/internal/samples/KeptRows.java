package dev.engram.metalearning.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.kit.rows.RowPool;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The arrays of samples, in one pool for each shape and type among them. */
final class KeptRows implements AutoCloseable {

    private static final String ARRAYS = "sample";
    private static final String OWNERS = "sample-owner";
    private static final Comparator<KeptRow> TOGETHER =
            Comparator.comparingInt(KeptRow::pool).thenComparing(KeptRow::task);

    private final List<Pool> pools = new ArrayList<>();
    private @Nullable NDManager manager;

    /** Keeps rows of a batch, and returns where, in that order. */
    List<KeptRow> write(ObservedBatch batch, int[] from) {
        NDList arrays = new NDList(batch.data());
        arrays.addAll(batch.labels());
        int pool = pool(arrays, batch.data().size());
        int[] to = pools.get(pool).rows().write(arrays, from);
        List<KeptRow> written = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            String subject = batch.subjects().isEmpty() ? "" : batch.subjects().get(from[i]);
            written.add(new KeptRow(pool, to[i], batch.task().name(), subject));
        }
        return written;
    }

    private int pool(NDList arrays, int inputs) {
        String signature = inputs + " " + RowPool.signature(arrays);
        for (int i = 0; i < pools.size(); i++) {
            if (pools.get(i).signature().equals(signature)) {
                return i;
            }
        }
        if (manager == null) {
            manager = RequiredEngine.get().newBaseManager();
            manager.setName("samples of la-maml");
        }
        pools.add(new Pool(new RowPool(manager, arrays), signature, inputs));
        return pools.size() - 1;
    }

    void release(KeptRow row) {
        pools.get(row.pool()).rows().release(row.row());
    }

    void wipe() {
        pools.forEach(pool -> pool.rows().wipe());
    }

    /** Returns samples, one batch a pool, those of a task together. */
    List<ReplayedBatch> read(List<KeptRow> wanted, NDManager owner) {
        List<KeptRow> sorted = wanted.stream().sorted(TOGETHER).toList();
        List<ReplayedBatch> batches = new ArrayList<>();
        for (int pool = 0; pool < pools.size(); pool++) {
            List<KeptRow> here = of(pool, sorted);
            if (!here.isEmpty()) {
                NDList arrays = arrays(pool, here, owner);
                int inputs = pools.get(pool).inputs();
                batches.add(
                        ReplayedBatch.of(
                                new NDList(arrays.subList(0, inputs)),
                                new NDList(arrays.subList(inputs, arrays.size())),
                                new NDList(),
                                here.stream().map(KeptRow::task).toList(),
                                owner));
            }
        }
        return batches;
    }

    private static List<KeptRow> of(int pool, List<KeptRow> rows) {
        return rows.stream().filter(row -> row.pool() == pool).toList();
    }

    private NDList arrays(int pool, List<KeptRow> rows, NDManager owner) {
        NDList arrays = pools.get(pool).rows().read(rows.stream().mapToInt(KeptRow::row).toArray());
        arrays.attach(owner);
        return arrays;
    }

    void save(List<KeptRow> rows, MemoryWriter memory) {
        for (int pool = 0; pool < pools.size(); pool++) {
            List<KeptRow> here = of(pool, rows);
            if (!here.isEmpty()) {
                NDList arrays = arrays(pool, here, memory.manager());
                StringBuilder about = new StringBuilder().append(pools.get(pool).inputs());
                for (int i = 0; i < arrays.size(); i++) {
                    memory.tensor(ARRAYS, pool + "/" + i, arrays.get(i));
                    String name = arrays.get(i).getName();
                    about.append('\t').append(name == null ? "-" : "=" + encoded(name));
                }
                here.forEach(
                        row ->
                                about.append('\n')
                                        .append(encoded(row.task()))
                                        .append('\t')
                                        .append(encoded(row.subject())));
                byte[] bytes = about.toString().getBytes(StandardCharsets.UTF_8);
                memory.tensor(
                        OWNERS,
                        String.valueOf(pool),
                        memory.manager()
                                .create(
                                        ByteBuffer.wrap(bytes),
                                        new Shape(bytes.length),
                                        DataType.UINT8));
            }
        }
    }

    List<KeptRow> restore(MemoryReader memory) {
        List<KeptRow> restored = new ArrayList<>();
        try (NDManager work = memory.manager().newSubManager()) {
            Map<String, NDArray> arrays = memory.tensors(ARRAYS, work);
            memory.tensors(OWNERS, work)
                    .forEach((pool, about) -> restored.addAll(restore(pool, about, arrays)));
        }
        return restored;
    }

    private List<KeptRow> restore(String pool, NDArray about, Map<String, NDArray> arrays) {
        String[] lines = new String(about.toByteArray(), StandardCharsets.UTF_8).split("\n", -1);
        String[] head = lines[0].split("\t", -1);
        NDList batch = new NDList();
        for (int i = 1; i < head.length; i++) {
            NDArray array = arrays.get(pool + "/" + (i - 1));
            if (array == null) {
                throw new IllegalStateException("samples of la-maml lack " + pool + "/" + (i - 1));
            }
            array.setName(head[i].equals("-") ? null : decoded(head[i].substring(1)));
            batch.add(array);
        }
        int inputs = Integer.parseInt(head[0]);
        int place = pool(batch, inputs);
        int[] all = IntStream.range(0, lines.length - 1).toArray();
        int[] to = pools.get(place).rows().write(batch, all);
        List<KeptRow> rows = new ArrayList<>();
        for (int i = 0; i < to.length; i++) {
            String[] owner = lines[i + 1].split("\t", -1);
            rows.add(new KeptRow(place, to[i], decoded(owner[0]), decoded(owner[1])));
        }
        return rows;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        pools.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /**
     * Samples of the same shapes.
     *
     * @param inputs how many arrays are inputs; the others are labels
     */
    private record Pool(RowPool rows, String signature, int inputs) {}
}
