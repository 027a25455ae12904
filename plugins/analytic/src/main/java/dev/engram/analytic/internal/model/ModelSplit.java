package dev.engram.analytic.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import dev.engram.analytic.internal.features.SeededLinear;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;

/**
 * A model as three parts: a base, its last linear layer, and what follows without parameters.
 *
 * @param base what computes the features
 * @param head the last linear layer
 * @param tail what comes after it, such as a softmax
 */
public record ModelSplit(List<Block> base, Block head, List<Block> tail) {

    private static final String WANTED =
            " Build the model as a SequentialBlock that ends with a Linear, such as new"
                    + " SequentialBlock().add(encoder).add(Linear.builder().setUnits(100).build());"
                    + " an ONNX file is an encoder by OnnxFeatureExtractor.asBlock().";

    /**
     * Splits a model.
     *
     * @param wants the id of the strategy that wants it split
     * @throws EngramException if it does not end with a linear layer whose inputs can be seen
     */
    public static ModelSplit of(Block model, String wants) {
        List<Block> layers = new ArrayList<>();
        flatten(model, layers);
        int last = layers.size() - 1;
        while (last >= 0 && !isHead(layers.get(last))) {
            if (!layers.get(last).getParameters().isEmpty()) {
                throw new EngramException(
                        "%s solves a model's last linear layer, but the last block with parameters is a %s."
                                        .formatted(wants, layers.get(last).getClass().getName())
                                + WANTED);
            }
            last--;
        }
        if (last < 0) {
            throw new EngramException(
                    "%s solves a model's last linear layer, but a %s shows none."
                                    .formatted(wants, model.getClass().getName())
                            + WANTED);
        }
        ModelSplit split =
                new ModelSplit(
                        List.copyOf(layers.subList(0, last)),
                        layers.get(last),
                        List.copyOf(layers.subList(last + 1, layers.size())));
        split.requireOwnHead(wants);
        return split;
    }

    private static void flatten(Block block, List<Block> layers) {
        if (block instanceof SequentialBlock sequence
                && sequence.getClass() == SequentialBlock.class
                && !sequence.isReturnIntermediate()) {
            sequence.getChildren().values().forEach(child -> flatten(child, layers));
        } else {
            layers.add(block);
        }
    }

    private static boolean isHead(Block block) {
        return block instanceof Linear && !(block instanceof SeededLinear);
    }

    private void requireOwnHead(String wants) {
        for (Block block : base) {
            for (Parameter parameter : block.getParameters().values()) {
                if (head.getParameters().values().contains(parameter)) {
                    throw new EngramException(
                            wants
                                    + ": the last layer shares its weights with the base, which"
                                    + " must stay as it is: give it weights of its own");
                }
            }
        }
    }

    public boolean hasBias() {
        return head.getDirectParameters().contains("bias");
    }

    public Parameter weight() {
        return head.getDirectParameters().get("weight");
    }

    /** Returns how many outputs the head has; it must have values. */
    public int outputs() {
        return (int) weight().getArray().getShape().get(0);
    }

    /** Returns how many inputs the head has; it must have values. */
    public int features() {
        return (int) weight().getArray().getShape().get(1);
    }

    /** Returns the base's parameters, running statistics among them. */
    public List<Parameter> baseParameters() {
        List<Parameter> all = new ArrayList<>();
        base.forEach(block -> all.addAll(block.getParameters().values()));
        return all;
    }

    /** Runs the base in evaluation mode; the inputs stay as they are. */
    public NDArray features(ParameterStore store, NDList inputs) {
        NDList seen = new NDList(inputs);
        for (Block block : base) {
            seen = block.forward(store, new NDList(seen), false);
        }
        return seen.head();
    }

    /** Runs the head and what follows it. */
    public NDList outputs(ParameterStore store, NDArray features, boolean training) {
        NDList seen = head.forward(store, new NDList(features), training);
        for (Block block : tail) {
            seen = block.forward(store, seen, training);
        }
        return seen;
    }
}
