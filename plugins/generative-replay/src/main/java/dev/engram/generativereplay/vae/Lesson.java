package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.Learnable;
import dev.engram.generativereplay.internal.samples.Rows;
import dev.engram.generativereplay.internal.samples.TaskRows;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The samples of a task, as an autoencoder learns them; they go with the arrays' manager. */
final class Lesson {

    private final Form form;
    private final List<ClassOfTask> classes;
    private final NDArray units;
    private final NDArray seen;
    private final int[] of;
    private final Frames frames;
    private final NDArray gates;

    /**
     * Creates one.
     *
     * @param units the inputs as numbers from 0 to 1, one a row
     * @param seen what the encoder is given of them
     * @param of the class of each, among those of the task
     */
    private Lesson(
            Form form,
            List<ClassOfTask> classes,
            NDArray units,
            NDArray seen,
            int[] of,
            Frames frames,
            NDArray gates) {
        this.form = form;
        this.classes = classes;
        this.units = units;
        this.seen = seen;
        this.of = of;
        this.frames = frames;
        this.gates = gates;
    }

    /**
     * Makes one of the samples of a task.
     *
     * @param classes of one form
     * @param call owns what is returned
     */
    static Lesson of(
            FinishedTask task,
            List<Learnable> classes,
            TaskRows samples,
            Architecture shape,
            Sight sight,
            NDManager call) {
        Form form = classes.get(0).form();
        List<ClassOfTask> learnt = classes.stream().map(Learnable::learnt).toList();
        NDList inputs = new NDList();
        learnt.forEach(one -> inputs.add(samples.rows(form, one.label(), call)));
        Frames frames = Frames.of(learnt, inputs, call);
        int[] of =
                IntStream.range(0, learnt.size())
                        .flatMap(i -> IntStream.range(0, rows(inputs.get(i))).map(row -> i))
                        .toArray();
        NDArray all = NDArrays.concat(inputs);
        all.attach(call);
        NDArray units = frames.units(all, of, call);
        NDArray seen = sight.seen(task, form, all, units, call);
        NDArray gates = shape.gates(learnt, shape.decoder(form).gated(), call);
        return new Lesson(form, learnt, units, seen, of, frames, gates);
    }

    private static int rows(NDArray inputs) {
        return Math.toIntExact(inputs.getShape().get(0));
    }

    Form form() {
        return form;
    }

    List<ClassOfTask> classes() {
        return classes;
    }

    Frames frames() {
        return frames;
    }

    /** Returns what the encoder is given of all samples. */
    NDArray seen() {
        return seen;
    }

    /** Returns some of the samples, any of them, which the manager owns. */
    Inputs some(int count, SplittableRandom random, NDManager step) {
        int[] rows = random.ints(count, 0, of.length).toArray();
        int[] chosen = IntStream.of(rows).map(row -> of[row]).toArray();
        long[] wide = IntStream.of(chosen).asLongStream().toArray();
        return new Inputs(
                new Inputs.Wanted(
                        Rows.of(units, rows, step),
                        Rows.of(frames.logOdds(), chosen, step),
                        Rows.of(gates, chosen, step)),
                Rows.of(seen, rows, step),
                step.create(wide));
    }

    /** Returns what the encoder is given of all samples of a class, which the manager owns. */
    NDArray seen(int classOfTask, NDManager owner) {
        int[] rows = IntStream.range(0, of.length).filter(i -> of[i] == classOfTask).toArray();
        return Rows.of(seen, rows, owner);
    }
}
