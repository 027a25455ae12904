package com.example.forgetting;

import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Trains nothing but biases, and the head, for each task (Ben Zaken, Goldberg and Ravfogel 2022).
 */
final class BitFit implements ParameterIsolation {

    private static final Set<Parameter.Type> BIASES =
            Set.of(Parameter.Type.BIAS, Parameter.Type.BETA);

    private final boolean ownHead;

    BitFit(boolean ownHead) {
        this.ownHead = ownHead;
    }

    @Override
    public String name() {
        return "acme-bitfit";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("own-head", String.valueOf(ownHead));
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        List<String> own = new ArrayList<>(biases(base));
        if (ownHead) {
            own.addAll(new Targets(base).head());
        }
        return new OverlayParameters.Builder(base).addOwned(own).build();
    }

    private static List<String> biases(BaseModel base) {
        List<String> biases = new ArrayList<>();
        for (Pair<String, Parameter> entry : base.parameters()) {
            if (BIASES.contains(entry.getValue().getType())) {
                biases.add(entry.getKey());
            }
        }
        if (biases.isEmpty()) {
            throw new EngramException(
                    "acme-bitfit finds no biases among %s: take lora"
                            .formatted(base.parameters().keys()));
        }
        return biases;
    }
}
