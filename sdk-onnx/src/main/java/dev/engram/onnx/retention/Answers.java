package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.BitSet;

/** Which samples of a task a model answered rightly. Immutable. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Answers {

    private final String task;
    private final BitSet right;
    private final int size;

    private Answers(String task, BitSet right, int size) {
        this.task = task;
        this.right = right;
        this.size = size;
    }

    /** Returns the answers to a task's samples, in order. */
    public static Answers of(String task, boolean... right) {
        BitSet bits = new BitSet(right.length);
        for (int i = 0; i < right.length; i++) {
            bits.set(i, right[i]);
        }
        return new Answers(task, bits, right.length);
    }

    /** Returns the name of the task. */
    public String task() {
        return task;
    }

    /** Returns how many samples were judged. */
    public int size() {
        return size;
    }

    /** Returns whether a sample was answered rightly. */
    public boolean isRight(int sample) {
        return right.get(sample);
    }

    /** Returns the share of right answers, 0 to 1. */
    public double accuracy() {
        return (double) right.cardinality() / size;
    }

    /**
     * Compares these answers with later ones to the same samples.
     *
     * @throws EngramException if they are to others
     */
    public PairedComparison comparedWith(Answers later) {
        if (!task.equals(later.task) || size != later.size) {
            throw new EngramException(
                    "Answers to %s samples of %s cannot be compared with %s of %s: judge both models by the same samples"
                            .formatted(size, task, later.size, later.task));
        }
        BitSet lost = (BitSet) right.clone();
        lost.andNot(later.right);
        BitSet gained = (BitSet) later.right.clone();
        gained.andNot(right);
        int both = right.cardinality() - lost.cardinality();
        return PairedComparison.of(task, both, lost.cardinality(), gained.cardinality(), size);
    }
}
