package dev.engram.djl.internal.effect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.List;

/** The gradients of a step that is measured: the loop's, and what a guard makes of them. */
final class MeasuredStep implements AutoCloseable {

    private final List<LiveParameter> parameters;
    private final NDManager scratch;
    private final long[] sizes;
    private final NDArray loop;
    private final List<NDArray> before = new ArrayList<>();

    /** Begins it, before any guard edits its gradients. */
    MeasuredStep(List<LiveParameter> parameters, NDManager scratch) {
        this.parameters = parameters;
        this.scratch = scratch;
        this.sizes = parameters.stream().mapToLong(one -> one.value().size()).toArray();
        this.loop = ShareMeter.squares(handles(), scratch);
    }

    /** Returns the squares of the loop's gradients. */
    NDArray loop() {
        return loop;
    }

    /** Returns how many elements each gradient has. */
    long[] sizes() {
        return sizes.clone();
    }

    /** Copies the gradients as they are; the copies before are overwritten. */
    void copy() {
        List<NDArray> now = handles();
        for (int i = 0; i < now.size(); i++) {
            if (i < before.size()) {
                EngineMemory.write(now.get(i), before.get(i));
            } else {
                before.add(EngineMemory.copy(now.get(i), scratch));
            }
        }
        now.forEach(NDArray::close);
    }

    /** Returns the squares of what has changed since the copies; they are used up. */
    NDArray change() {
        List<NDArray> now = handles();
        for (int i = 0; i < now.size(); i++) {
            before.get(i).subi(now.get(i));
        }
        now.forEach(NDArray::close);
        return ShareMeter.squares(before, scratch);
    }

    private List<NDArray> handles() {
        List<NDArray> handles = new ArrayList<>();
        for (LiveParameter parameter : parameters) {
            NDArray gradient = parameter.gradient();
            gradient.attach(scratch);
            handles.add(gradient);
        }
        return handles;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
