package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.generativereplay.internal.mixture.Catalog;
import dev.engram.generativereplay.internal.mixture.Drawn;
import dev.engram.generativereplay.internal.network.LearntValues;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.Rows;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is kept of all tasks: a decoder, and of each class the codes that stand for its samples, the
 * frame that they lie in, and the units that are closed for it. It owns all of them.
 *
 * @param shape what the decoder is like
 * @param form of what it makes
 * @param codes a mixture for each class
 * @param frames in the order of the classes of the codes
 * @param gates of each class a row
 * @param values of the decoder
 * @param manager owns all
 */
record Generator(
        Architecture shape,
        Form form,
        Catalog codes,
        Frames frames,
        NDArray gates,
        LearntValues values,
        NDManager manager)
        implements AutoCloseable {

    /** Deviations of codes are as long as they were seen: all directions are kept. */
    static final double SPREAD = 1;

    /** Returns one of parts that a manager owns, which is its own from now on. */
    static Generator of(
            Architecture shape,
            Form form,
            Catalog codes,
            Frames frames,
            LearntValues values,
            NDManager manager) {
        int units = shape.decoder(form).gated();
        NDArray gates = shape.gates(codes.classes(), units, manager);
        return new Generator(shape, form, codes, frames, gates, values, manager);
    }

    static NDManager named(NDManager owner) {
        NDManager manager = owner.newSubManager();
        manager.setName("vae");
        return manager;
    }

    List<ClassOfTask> classes() {
        return codes.classes();
    }

    /** Returns one that makes some of the classes; what the decoder learnt stays in its values. */
    Generator only(List<Integer> kept, NDManager owner) {
        NDManager next = named(owner);
        int[] rows = kept.stream().mapToInt(Integer::intValue).toArray();
        return of(
                shape,
                form,
                codes.only(kept, next),
                frames.only(rows, next),
                values.copy(next),
                next);
    }

    /**
     * Returns what the decoder makes of codes, numbers from 0 to 1, one a row.
     *
     * @param drawn numbers of the codes
     * @param of the class of each
     * @param call owns what is computed
     */
    NDArray units(NDArray drawn, int[] of, NDManager call) {
        NDArray open = Rows.of(gates, of, call);
        NDArray apart = shape.decoder(form).of(drawn, open, values);
        return frames.made(apart, of, call);
    }

    /** Returns the inputs that drawn codes stand for, one a row; the manager owns them. */
    NDArray make(Drawn drawn, NDManager call) {
        int[] of = drawn.owners();
        return frames.amounts(units(drawn.amounts(call), of, call), of, call);
    }

    /** Returns of each of its classes the place. */
    List<Integer> places() {
        return IntStream.range(0, classes().size()).boxed().toList();
    }

    long bytes() {
        return codes.bytes() + frames.bytes() + values.bytes();
    }

    @Override
    public void close() {
        manager.close();
    }
}
