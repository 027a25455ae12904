package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A few samples of each task, kept on the device and in the memory. */
final class Probes {

    private static final String DATA = "probe-data";
    private static final String LABELS = "probe-labels";
    private static final String SUBJECTS = "probe-subjects-";

    private final List<ProbeBatch> kept = new ArrayList<>();

    /** Keeps the first samples of a task. */
    void take(FinishedTask task, int count) {
        for (SampleBatch batch : task.samples(count)) {
            NDManager owner = task.manager().newSubManager();
            owner.setName("probes");
            kept.add(
                    new ProbeBatch(
                            copy(batch.data(), owner),
                            copy(batch.labels(), owner),
                            batch.subjects(),
                            owner));
            return;
        }
    }

    List<ProbeBatch> all() {
        return List.copyOf(kept);
    }

    /** Removes the samples of a subject; what is left of a task's stays. */
    long erase(String subject) {
        long erased = 0;
        for (int i = kept.size() - 1; i >= 0; i--) {
            ProbeBatch one = kept.get(i);
            List<Integer> left = one.without(subject);
            if (left.size() < one.subjects.size()) {
                erased += one.subjects.size() - left.size();
                if (left.isEmpty()) {
                    kept.remove(i);
                } else {
                    kept.set(i, one.only(left));
                }
                one.owner.close();
            }
        }
        return erased;
    }

    void save(MemoryWriter memory) {
        memory.text("probes", String.valueOf(kept.size()));
        for (int i = 0; i < kept.size(); i++) {
            write(memory, DATA, i, kept.get(i).data);
            write(memory, LABELS, i, kept.get(i).labels);
            memory.text(SUBJECTS + i, String.join("\n", kept.get(i).subjects));
        }
    }

    void restore(MemoryReader memory) {
        int count = memory.text("probes").map(Integer::parseInt).orElse(0);
        NDManager all = memory.manager().newSubManager();
        Map<String, NDArray> data = memory.tensors(DATA, all);
        Map<String, NDArray> labels = memory.tensors(LABELS, all);
        for (int i = 0; i < count; i++) {
            NDManager owner = memory.manager().newSubManager();
            owner.setName("probes");
            String subjects = memory.text(SUBJECTS + i).orElse("");
            kept.add(
                    new ProbeBatch(
                            read(data, i, owner),
                            read(labels, i, owner),
                            subjects.isEmpty() ? List.of() : List.of(subjects.split("\n", -1)),
                            owner));
        }
        all.close();
    }

    private static void write(MemoryWriter memory, String kind, int task, NDList arrays) {
        for (int i = 0; i < arrays.size(); i++) {
            memory.tensor(kind, task + "." + i, EngineMemory.copy(arrays.get(i), memory.manager()));
        }
    }

    private static NDList read(Map<String, NDArray> arrays, int task, NDManager owner) {
        Map<Integer, NDArray> own = new TreeMap<>();
        new LinkedHashMap<>(arrays)
                .forEach(
                        (name, array) -> {
                            String[] place = name.split("\\.", -1);
                            if (Integer.parseInt(place[0]) == task) {
                                array.attach(owner);
                                own.put(Integer.parseInt(place[1]), array);
                            }
                        });
        return new NDList(own.values());
    }

    private static NDList copy(NDList arrays, NDManager owner) {
        NDList copies = new NDList();
        arrays.forEach(array -> copies.add(EngineMemory.copy(array, owner)));
        return copies;
    }

    /** The samples of one task. */
    static final class ProbeBatch {

        private final NDList data;
        private final NDList labels;
        private final List<String> subjects;
        private final NDManager owner;

        ProbeBatch(NDList data, NDList labels, List<String> subjects, NDManager owner) {
            this.data = data;
            this.labels = labels;
            this.subjects = subjects;
            this.owner = owner;
        }

        NDList data() {
            return data;
        }

        NDList labels() {
            return labels;
        }

        private List<Integer> without(String subject) {
            List<Integer> left = new ArrayList<>();
            for (int i = 0; i < subjects.size(); i++) {
                if (!subjects.get(i).equals(subject)) {
                    left.add(i);
                }
            }
            return left;
        }

        private ProbeBatch only(List<Integer> rows) {
            NDManager next = owner.getParentManager().newSubManager();
            next.setName("probes");
            long[] chosen = rows.stream().mapToLong(Integer::longValue).toArray();
            NDArray index = next.create(chosen);
            ProbeBatch less =
                    new ProbeBatch(
                            rows(data, index, next),
                            rows(labels, index, next),
                            rows.stream().map(subjects::get).toList(),
                            next);
            index.close();
            return less;
        }

        private static NDList rows(NDList arrays, NDArray index, NDManager owner) {
            NDList chosen = new NDList();
            for (NDArray array : arrays) {
                NDArray rows = array.get(index);
                rows.attach(owner);
                chosen.add(rows);
            }
            return chosen;
        }
    }
}
