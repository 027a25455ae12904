package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The texts that are there to be rehearsed. */
final class Library implements AutoCloseable {

    private static final String KIND = "texts";
    private static final String SHELVES = "shelves";

    private final List<Written> texts = new ArrayList<>();
    private final Map<TextForm, Shelf> shelves = new LinkedHashMap<>();

    /** A text, and the task that it is rehearsed for. */
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares them.
    private record Written(String task, TextForm form, int[] tokens) {}

    /** Takes in texts of a task. */
    void add(KnownTask task, List<Text> more, NDManager owner) {
        more.forEach(text -> texts.add(new Written(task.name(), task.form(), text.tokens())));
        arrange(owner);
    }

    private void arrange(NDManager owner) {
        shelves.values().forEach(Shelf::close);
        shelves.clear();
        Map<TextForm, List<Written>> byForm = new LinkedHashMap<>();
        texts.forEach(one -> byForm.computeIfAbsent(one.form, form -> new ArrayList<>()).add(one));
        byForm.forEach(
                (form, some) ->
                        shelves.put(
                                form,
                                Shelf.of(
                                        form,
                                        some.stream().map(Written::task).toList(),
                                        some.stream().map(Written::tokens).toList(),
                                        owner)));
    }

    /** Asks a model what it answers to all. */
    void ask(GuardedModel model) {
        shelves.replaceAll((form, shelf) -> shelf.answeredBy(model));
    }

    /** Removes the texts of a task; returns how many. */
    long remove(Task task, NDManager owner) {
        int before = texts.size();
        if (texts.removeIf(text -> text.task.equals(task.name()))) {
            arrange(owner);
        }
        return (long) before - texts.size();
    }

    void clear() {
        texts.clear();
        close();
    }

    /** Returns whether there are texts of other tasks. */
    boolean hasOtherThan(Task unwanted) {
        return texts.stream().anyMatch(text -> !text.task.equals(unwanted.name()));
    }

    /** Returns whether there are texts of a task. */
    boolean has(KnownTask task) {
        return texts.stream().anyMatch(text -> text.task.equals(task.name()));
    }

    long bytes() {
        return texts.stream().mapToLong(text -> (long) Integer.BYTES * text.tokens.length).sum();
    }

    /** Draws texts, each as likely; one batch for each form. */
    List<ReplayedBatch> draw(Task unwanted, int size, SplittableRandom random, NDManager owner) {
        long all = texts.stream().filter(text -> !text.task.equals(unwanted.name())).count();
        int[] places = random.ints(size, 0, Math.toIntExact(all)).sorted().toArray();
        List<ReplayedBatch> drawn = new ArrayList<>();
        int before = 0;
        for (Shelf shelf : shelves.values()) {
            long[] rows = others(shelf, unwanted);
            int first = before;
            long[] chosen =
                    Arrays.stream(places)
                            .filter(place -> place >= first && place < first + rows.length)
                            .mapToLong(place -> rows[place - first])
                            .toArray();
            before += rows.length;
            if (chosen.length > 0) {
                drawn.add(shelf.batch(chosen, owner));
            }
        }
        return drawn;
    }

    private static long[] others(Shelf shelf, Task unwanted) {
        return IntStream.range(0, shelf.size())
                .filter(row -> !shelf.owners().get(row).equals(unwanted.name()))
                .asLongStream()
                .toArray();
    }

    void save(MemoryWriter memory) {
        memory.text(SHELVES, String.valueOf(shelves.size()));
        int number = 0;
        for (Shelf shelf : shelves.values()) {
            String name = "shelf-" + number++;
            List<String> tasks = shelf.owners().stream().distinct().toList();
            memory.text(name, shelf.form().written());
            memory.text(name + "-tasks", String.valueOf(tasks.size()));
            for (int i = 0; i < tasks.size(); i++) {
                memory.text(name + "-task-" + i, tasks.get(i));
            }
            int[] owners = shelf.owners().stream().mapToInt(tasks::indexOf).toArray();
            memory.tensor("owners", name, memory.manager().create(owners));
            memory.tensor(KIND, name, memory.manager().create(flat(shelf), shelf.ids().getShape()));
        }
    }

    private int[] flat(Shelf shelf) {
        return texts.stream()
                .filter(text -> text.form.equals(shelf.form()))
                .flatMapToInt(text -> Arrays.stream(text.tokens))
                .toArray();
    }

    void restore(MemoryReader memory, NDManager owner) {
        int count = Integer.parseInt(memory.text(SHELVES).orElse("0"));
        try (NDManager call = memory.manager().newSubManager()) {
            Map<String, NDArray> ids = memory.tensors(KIND, call);
            Map<String, NDArray> owners = memory.tensors("owners", call);
            for (int number = 0; number < count; number++) {
                String name = "shelf-" + number;
                TextForm form = TextForm.read(memory.text(name).orElseThrow());
                int[] whose = required(owners, name).toIntArray();
                int[] flat = required(ids, name).toIntArray();
                for (int row = 0; row < whose.length; row++) {
                    String task = memory.text(name + "-task-" + whose[row]).orElseThrow();
                    int from = row * form.tokens();
                    texts.add(
                            new Written(
                                    task,
                                    form,
                                    Arrays.copyOfRange(flat, from, from + form.tokens())));
                }
            }
        }
        arrange(owner);
    }

    private static NDArray required(Map<String, NDArray> tensors, String name) {
        NDArray found = tensors.get(name);
        if (found == null) {
            throw new IllegalStateException("There is no tensor " + name + " of written texts");
        }
        return found;
    }

    @Override
    public void close() {
        shelves.values().forEach(Shelf::close);
        shelves.clear();
    }
}
