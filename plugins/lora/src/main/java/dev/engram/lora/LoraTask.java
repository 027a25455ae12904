package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.guard.StepView;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.StackedUpdate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The overlays of one task, by the path of the weight that each is over. */
final class LoraTask implements TaskParameters {

    private final OverlayParameters parameters;
    private final LoraParts parts;
    private final Map<String, ParameterOverlay> overlays;
    private final float orthogonality;

    LoraTask(OverlayParameters parameters, LoraParts parts, double orthogonality) {
        this.parameters = parameters;
        this.parts = parts;
        this.overlays = Map.copyOf(parts.overlays());
        this.orthogonality = (float) orthogonality;
    }

    LoraParts parts() {
        return parts;
    }

    /** Returns the paths of what the task has as whole copies, statistics included. */
    List<String> copies() {
        return parameters.paths().stream().filter(path -> !overlays.containsKey(path)).toList();
    }

    @Nullable ParameterOverlay overlay(String path) {
        return overlays.get(path);
    }

    @Override
    public PairList<String, Parameter> parameters() {
        return parameters.parameters();
    }

    @Override
    public NDList forward(ForwardPass pass) {
        return parameters.forward(pass);
    }

    @Override
    public void onGradient(StepView step) {
        parameters.onGradient(step);
    }

    @Override
    public void onBackward(StepView step) {
        parameters.onBackward(step);
        for (ParameterOverlay overlay : overlays.values()) {
            if (overlay instanceof StackedUpdate stacked) {
                stacked.keepOrthogonal(step, orthogonality);
            }
        }
    }

    @Override
    public Optional<Map<String, NDArray>> merged(NDManager manager) {
        return parameters.merged(manager);
    }

    @Override
    public Map<String, NDList> products(NDManager manager) {
        Map<String, NDList> products = new LinkedHashMap<>();
        for (String own : parameters.parameters().keys()) {
            String path = own.substring(0, own.lastIndexOf('/'));
            if (overlays.get(path) instanceof LowRankUpdate update) {
                products.put(path, update.factors(manager));
            } else if (overlays.get(path) instanceof StackedUpdate stacked) {
                products.put(path, stacked.factors(manager));
            }
        }
        return products;
    }

    @Override
    public String toString() {
        return parameters.toString();
    }
}
