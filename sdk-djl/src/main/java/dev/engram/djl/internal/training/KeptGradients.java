package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.List;

/** Takes all gradients aside, leaves zeros, and puts them back when told. */
public final class KeptGradients {

    private final List<LiveParameter> parameters;
    private final List<NDArray> copies = new ArrayList<>();

    /** Copies the gradients into {@code manager} and sets them to zero. */
    public KeptGradients(List<LiveParameter> parameters, NDManager manager) {
        this.parameters = parameters;
        for (LiveParameter parameter : parameters) {
            try (NDArray gradient = parameter.gradient()) {
                NDArray copy = gradient.duplicate();
                copy.attach(manager);
                copies.add(copy);
                gradient.subi(copy);
            }
        }
    }

    /** Gives every gradient its value back. */
    public void putBack() {
        for (int i = 0; i < copies.size(); i++) {
            try (NDArray gradient = parameters.get(i).gradient();
                    NDArray copy = copies.get(i)) {
                gradient.subi(gradient);
                gradient.addi(copy);
            }
        }
    }
}
