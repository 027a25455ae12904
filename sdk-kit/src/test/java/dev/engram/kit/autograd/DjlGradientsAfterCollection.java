package dev.engram.kit.autograd;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.nio.ByteBuffer;

/**
 * Shows, without any class of Engram, what a collection of garbage between forward and backward
 * pass does to DJL 0.36 on a CPU. Run it by hand; it prints, for {@code mul(3)} and for {@code
 * Loss.l2Loss()}, how many of 500 gradients are wrong.
 */
final class DjlGradientsAfterCollection {

    private static final int TERMS = 500;

    private DjlGradientsAfterCollection() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        System.out.println("mul(3): " + wrong(3, x -> x.mul(3)));
        System.out.println("l2Loss: " + wrong(1, DjlGradientsAfterCollection::l2));
    }

    /** The derivative of half the square at 1 is 1. */
    private static NDArray l2(NDArray x) {
        NDList zero = new NDList(x.getManager().zeros(x.getShape()));
        return Loss.l2Loss().evaluate(zero, new NDList(x));
    }

    private interface Term {
        NDArray of(NDArray x);
    }

    private static int wrong(float right, Term term) {
        int wrong = 0;
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(TERMS));
            x.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray total = manager.zeros(new Shape());
                for (int i = 0; i < TERMS; i++) {
                    total = total.add(term.of(x.get(i)).sum());
                }
                System.gc();
                fillFreedMemory();
                collector.backward(total);
            }
            for (float found : x.getGradient().toFloatArray()) {
                wrong += found == right ? 0 : 1;
            }
        }
        return wrong;
    }

    private static void fillFreedMemory() {
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4 << (i % 5));
            while (buffer.hasRemaining()) {
                buffer.putFloat(Float.NaN);
            }
        }
    }
}
