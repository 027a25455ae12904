package dev.engram.prompttuning.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import dev.engram.api.EngramException;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.compose.FrontPositions;
import dev.engram.kit.overlay.OpaqueBase;
import java.util.List;
import java.util.function.Function;

/** What a base sees in samples, before its head where that can be told. */
public final class BaseFeatures implements Function<NDList, NDArray> {

    private final TaskRegistry registry;
    private final List<Block> layers;

    private BaseFeatures(TaskRegistry registry, List<Block> layers) {
        this.registry = registry;
        this.layers = List.copyOf(layers);
    }

    public static BaseFeatures of(TaskRegistry registry) {
        if (registry.tasks().isEmpty()) {
            throw new EngramException(
                    "The registry has no tasks to choose from: train or load them first");
        }
        Block base = registry.read(registry.tasks().get(0), (model, task) -> model.block());
        return new BaseFeatures(registry, beforeHead(base));
    }

    /** Returns one row a sample: the output, its mean over positions if it has some. */
    @Override
    public NDArray apply(NDList inputs) {
        NDList output = layers.isEmpty() ? registry.base().predict(inputs) : run(inputs);
        NDArray features = output.head();
        if (features.getShape().dimension() != 3) {
            return features.reshape(features.getShape().get(0), -1);
        }
        return Positions.mean(features, FrontPositions.visible(output));
    }

    private NDList run(NDList inputs) {
        ParameterStore store = new ParameterStore(inputs.head().getManager(), false);
        NDList current = new NDList(inputs);
        for (Block layer : layers) {
            current = layer.forward(store, current, false);
        }
        return current;
    }

    private static List<Block> beforeHead(Block base) {
        List<Block> layers = base.getChildren().values();
        boolean isKnown = base.getClass() == SequentialBlock.class && !OpaqueBase.isOpaque(base);
        return isKnown && layers.size() > 1 && layers.get(layers.size() - 1) instanceof Linear
                ? layers.subList(0, layers.size() - 1)
                : List.of();
    }
}
