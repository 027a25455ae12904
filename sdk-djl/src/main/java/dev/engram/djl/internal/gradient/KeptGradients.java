package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.djl.internal.parameters.LiveParameters.Live;
import dev.engram.kit.autograd.Cleared;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes all gradients aside, leaves zeros, and puts them back when told. Parameters without one,
 * because they are frozen or were never trained, have one until then.
 */
public final class KeptGradients {

    private final List<GradientCopy> kept = new ArrayList<>();
    private final List<NDArray> attached = new ArrayList<>();

    /** Copies the gradients into {@code manager} and sets them to zero. */
    public KeptGradients(List<LiveParameter> parameters, NDManager manager) {
        for (LiveParameter parameter : parameters) {
            if (parameter instanceof Live live && !live.array().hasGradient()) {
                live.array().setRequiresGradient(true);
                attached.add(live.array());
            } else {
                keep(parameter, manager);
            }
        }
    }

    private void keep(LiveParameter parameter, NDManager manager) {
        try (NDArray gradient = parameter.gradient()) {
            NDArray copy = gradient.duplicate();
            copy.attach(manager);
            kept.add(new GradientCopy(parameter, copy));
            Cleared.zero(gradient);
        }
    }

    /** Gives every gradient its value back. */
    public void putBack() {
        for (GradientCopy one : kept) {
            try (NDArray gradient = one.parameter().gradient();
                    NDArray copy = one.copy()) {
                Cleared.zero(gradient);
                gradient.addi(copy);
            }
        }
        for (NDArray array : attached) {
            // The engine keeps it: what is left there would count when the parameter is thawed.
            try (NDArray gradient = array.getGradient()) {
                Cleared.zero(gradient);
            }
            array.setRequiresGradient(false);
        }
    }

    private record GradientCopy(LiveParameter parameter, NDArray copy) {}
}
