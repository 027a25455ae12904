package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The first samples of each task, on the host; wrong in the way that it is told. */
final class ListedSamples implements ReplaySource {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        S1,
        S2,
        S3,
        S4,
        S5,
        S6,
        S7,
        S8,
        S9,
        S10,
        /** Takes back what each epoch of a later task learnt. */
        S10_STOPS
    }

    private static final int ROOM = 100;

    private final Fault fault;
    private final List<Row> rows = new ArrayList<>();
    private final NDManager own = NDManager.newBaseManager();
    private final Map<LiveParameter, NDArray> before = new LinkedHashMap<>();
    private int next;

    ListedSamples(Fault fault) {
        this.fault = fault;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        before.clear();
        if (fault == Fault.S10_STOPS && !rows.isEmpty()) {
            for (LiveParameter parameter : training.parameters()) {
                NDArray value = parameter.value().duplicate();
                value.attach(own);
                before.put(parameter, value);
            }
        }
    }

    @Override
    public void onEpoch() {
        // NDArray.set, and copyTo with it, would leave the parameter's own memory alone.
        before.forEach((parameter, value) -> parameter.value().muli(0).addi(value));
    }

    @Override
    public void observe(ObservedBatch batch) {
        float[] data = batch.data().head().toFloatArray();
        float[] labels = batch.labels().head().toFloatArray();
        int width = data.length / labels.length;
        for (int i = 0; i < labels.length; i++) {
            if (count(batch.task().name()) < ROOM) {
                float[] input = Arrays.copyOfRange(data, i * width, (i + 1) * width);
                String subject = batch.subjects().isEmpty() ? "" : batch.subjects().get(i);
                rows.add(new Row(batch.task().name(), input, labels[i], subject));
            }
        }
        if (fault == Fault.S5) {
            own.create(labels);
        }
    }

    @Override
    public Set<String> tasks() {
        Set<String> tasks = new LinkedHashSet<>();
        rows.forEach(row -> tasks.add(row.task()));
        return fault == Fault.S1 ? Set.of("none") : tasks;
    }

    @Override
    public long forget(Task task) {
        long before = rows.size();
        if (fault != Fault.S7) {
            rows.removeIf(row -> row.task().equals(task.name()));
        }
        return before - rows.size();
    }

    @Override
    public long available(Task unwanted) {
        return fault == Fault.S6 ? 1000 : others(unwanted).size();
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        List<Row> others = others(fault == Fault.S2 ? Task.named("none") : unwanted);
        List<Row> drawn = new ArrayList<>();
        for (int i = 0; i < Math.min(size, others.size()); i++) {
            drawn.add(others.get((7 * next++) % others.size()));
        }
        return drawn.isEmpty() ? List.of() : List.of(batch(drawn, manager));
    }

    private ReplayedBatch batch(List<Row> drawn, NDManager manager) {
        int width = drawn.get(0).input().length;
        float[] inputs = new float[drawn.size() * width];
        float[] labels = new float[drawn.size()];
        for (int i = 0; i < labels.length; i++) {
            System.arraycopy(drawn.get(i).input(), 0, inputs, i * width, width);
            int other = fault == Fault.S3 ? (i + 1) % labels.length : i;
            labels[i] = fault == Fault.S10 ? 0 : drawn.get(other).label();
        }
        NDManager owner = fault == Fault.S4 ? own : manager;
        NDArray data = owner.create(inputs, new Shape(labels.length, width));
        List<String> tasks = drawn.stream().map(Row::task).toList();
        return new Drawn(new NDList(data), new NDList(owner.create(labels)), tasks, manager);
    }

    @Override
    public long erase(String subject) {
        long before = rows.size();
        if (fault != Fault.S8) {
            rows.removeIf(row -> row.subject().equals(subject));
        }
        return before - rows.size();
    }

    @Override
    public void save(MemoryWriter memory) {
        for (int i = fault == Fault.S9 ? 1 : 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            memory.tensor("row", "row-" + i, memory.manager().create(row.input()));
            memory.text("row-" + i, row.task() + "/" + row.label() + "/" + row.subject());
        }
        memory.text("next", String.valueOf(next));
    }

    @Override
    public void restore(MemoryReader memory) {
        next = Integer.parseInt(memory.text("next").orElse("0"));
        memory.tensors("row", own)
                .forEach(
                        (name, value) -> {
                            String[] parts = memory.text(name).orElseThrow().split("/", -1);
                            float label = Float.parseFloat(parts[1]);
                            rows.add(new Row(parts[0], value.toFloatArray(), label, parts[2]));
                        });
    }

    @Override
    public void close() {
        if (fault != Fault.S5) {
            own.close();
        }
    }

    private long count(String task) {
        return rows.stream().filter(row -> row.task().equals(task)).count();
    }

    private List<Row> others(Task unwanted) {
        return rows.stream().filter(row -> !row.task().equals(unwanted.name())).toList();
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Row(String task, float[] input, float label, String subject) {}

    private record Drawn(NDList data, NDList labels, List<String> tasks, NDManager manager)
            implements ReplayedBatch {

        @Override
        public int size() {
            return tasks.size();
        }

        @Override
        public NDList predictions() {
            return new NDList();
        }
    }
}
