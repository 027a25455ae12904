package dev.engram.gradientprojection.internal.patches;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Convolution;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * The patches that a convolution multiplies its kernels by, a row for each place and group, few at
 * a time: those of all places of large images would take gigabytes.
 */
public final class Patches {

    private static final long MOST_NUMBERS = 1L << 22;

    private final long[] kernel;
    private final long[] stride;
    private final long[] padding;
    private final long[] dilation;
    private final int groups;
    private final long most;

    /** Creates those of a convolution, of a few million numbers at a time. */
    public Patches(Convolution of) {
        this(of, MOST_NUMBERS);
    }

    /**
     * Creates those of a convolution.
     *
     * @param most how many numbers there may be at a time, of more than one place
     */
    public Patches(Convolution of, long most) {
        kernel = of.getKernelShape().getShape();
        stride = of.getStride().getShape();
        padding = of.getPadding().getShape();
        dilation = of.getDilation().getShape();
        groups = of.getGroups();
        this.most = most;
    }

    /** Shows all patches of some samples; what is shown is gone afterwards. */
    public void each(NDArray inputs, NDManager owner, Consumer<NDArray> seen) {
        long[] given = inputs.getShape().getShape();
        long places = Math.max(1, most / (given[1] * product(kernel)));
        Deque<PatchPlaces> left = new ArrayDeque<>();
        left.push(all(given));
        while (!left.isEmpty()) {
            PatchPlaces next = left.pop();
            if (next.count() > places) {
                next.halves().forEach(left::push);
            } else {
                try (NDManager work = owner.newSubManager()) {
                    seen.accept(rows(inputs, next, work));
                }
            }
        }
    }

    private PatchPlaces all(long[] given) {
        long[] to = new long[kernel.length + 1];
        to[0] = given[0];
        for (int i = 0; i < kernel.length; i++) {
            to[i + 1] = (given[i + 2] + 2 * padding[i] - reach(i)) / stride[i] + 1;
        }
        return new PatchPlaces(new long[to.length], to);
    }

    /** Returns how many inputs lie from the first of a patch to its last. */
    private long reach(int axis) {
        return dilation[axis] * (kernel[axis] - 1) + 1;
    }

    private NDArray rows(NDArray inputs, PatchPlaces places, NDManager work) {
        NDArray window = window(inputs, places, work);
        NDList elements = new NDList();
        for (int element = 0; element < product(kernel); element++) {
            NDArray taken = window.get(element(element, places));
            taken.attach(work);
            elements.add(taken);
        }
        NDArray all = NDArrays.stack(elements, 2);
        all.attach(work);
        long width = all.getShape().get(1) * all.getShape().get(2) / groups;
        NDArray flat = all.reshape(all.getShape().get(0) * groups, width, -1);
        flat.attach(work);
        NDArray turned = flat.transpose(0, 2, 1);
        turned.attach(work);
        NDArray rows = turned.reshape(-1, width);
        rows.attach(work);
        return rows;
    }

    /** Returns the inputs that patches of these places lie on, with zeros where there are none. */
    private NDArray window(NDArray inputs, PatchPlaces places, NDManager work) {
        long[] given = inputs.getShape().getShape();
        long[] shape = given.clone();
        shape[0] = places.length(0);
        NDIndex from = new NDIndex().addSliceDim(places.from(0), places.to(0)).addAllDim();
        NDIndex to = new NDIndex().addAllDim(2);
        for (int i = 0; i < kernel.length; i++) {
            long first = places.from(i + 1) * stride[i] - padding[i];
            shape[i + 2] = (places.length(i + 1) - 1) * stride[i] + reach(i);
            long begin = Math.min(Math.max(0, first), given[i + 2]);
            long end = Math.max(begin, Math.min(given[i + 2], first + shape[i + 2]));
            if (begin == end) {
                return work.zeros(new Shape(shape), inputs.getDataType());
            }
            from.addSliceDim(begin, end);
            to.addSliceDim(begin - first, end - first);
        }
        NDArray inside = inputs.get(from);
        inside.attach(work);
        if (inside.getShape().equals(new Shape(shape))) {
            return inside;
        }
        NDArray window = work.zeros(new Shape(shape), inputs.getDataType());
        window.set(to, inside);
        return window;
    }

    /** Returns where in a window one element of all patches is. */
    private NDIndex element(int element, PatchPlaces places) {
        NDIndex index = new NDIndex().addAllDim(2);
        long rest = product(kernel);
        for (int i = 0; i < kernel.length; i++) {
            rest /= kernel[i];
            long first = element / rest % kernel[i] * dilation[i];
            long last = first + (places.length(i + 1) - 1) * stride[i];
            index.addSliceDim(first, last + 1, stride[i]);
        }
        return index;
    }

    private static long product(long[] sizes) {
        return LongStream.of(sizes).reduce(1, Math::multiplyExact);
    }
}
