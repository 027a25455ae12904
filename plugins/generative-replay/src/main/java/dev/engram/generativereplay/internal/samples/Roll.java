package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How classes and their form are written down.
 *
 * @param name under which they are
 */
public record Roll(String name) {

    /** Columns before those of the label. */
    private static final int LABEL = 2;

    /** Writes them down. */
    public void save(List<ClassOfTask> classes, Form form, MemoryWriter memory) {
        List<String> tasks = classes.stream().map(ClassOfTask::task).distinct().toList();
        memory.tensor("classes", name, table(classes, tasks, memory.manager()));
        IntStream.range(0, tasks.size())
                .forEach(i -> memory.text(name + "-task-" + i, tasks.get(i)));
        memory.text(name + "-input", form.inputType() + dimensions(form.input()));
        memory.text(name + "-label", form.labelType() + dimensions(form.label()));
    }

    /** Reads the classes back. */
    public List<ClassOfTask> classes(MemoryReader memory) {
        try (NDManager call = memory.manager().newSubManager()) {
            NDArray table = tensor(memory, "classes", call);
            int columns = Math.toIntExact(table.getShape().get(1));
            double[] rows = table.toDoubleArray();
            return IntStream.range(0, rows.length / columns)
                    .map(i -> i * columns)
                    .mapToObj(row -> one(memory, rows, row, columns))
                    .toList();
        }
    }

    private ClassOfTask one(MemoryReader memory, double[] rows, int row, int columns) {
        return new ClassOfTask(
                text(memory, "-task-" + (int) rows[row]),
                Arrays.stream(rows, row + LABEL, row + columns).boxed().toList(),
                (long) rows[row + 1]);
    }

    /** Reads their form back. */
    public Form form(MemoryReader memory) {
        String[] input = text(memory, "-input").split(" ", -1);
        String[] label = text(memory, "-label").split(" ", -1);
        return new Form(shape(input), type(input), shape(label), type(label));
    }

    /** Returns the tensor of that name of a kind, which must be there. */
    public NDArray tensor(MemoryReader memory, String kind, NDManager owner) {
        NDArray found = memory.tensors(kind, owner).get(name);
        if (found == null) {
            throw new IllegalStateException("There is no tensor %s of %s".formatted(kind, name));
        }
        return found;
    }

    private static NDArray table(List<ClassOfTask> classes, List<String> tasks, NDManager manager) {
        int columns = LABEL + classes.get(0).label().size();
        double[] rows = new double[classes.size() * columns];
        for (int i = 0; i < classes.size(); i++) {
            ClassOfTask one = classes.get(i);
            rows[i * columns] = tasks.indexOf(one.task());
            rows[i * columns + 1] = one.samples();
            for (int k = 0; k < one.label().size(); k++) {
                rows[i * columns + LABEL + k] = one.label().get(k);
            }
        }
        return manager.create(rows, new Shape(classes.size(), columns));
    }

    private String text(MemoryReader memory, String key) {
        return memory.text(name + key)
                .orElseThrow(() -> new IllegalStateException("There is no text " + name + key));
    }

    private static String dimensions(Shape shape) {
        return LongStream.of(shape.getShape())
                .mapToObj(size -> " " + size)
                .collect(Collectors.joining());
    }

    private static DataType type(String[] words) {
        return DataType.valueOf(words[0].toUpperCase(Locale.ROOT));
    }

    private static Shape shape(String[] words) {
        return new Shape(Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray());
    }
}
