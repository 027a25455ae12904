package dev.engram.kit.internal.compose;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Knows {@link SequentialBlock} and the subclass of it that only adds its own children. */
public final class SequenceComposer implements BlockComposer {

    /** Called by {@code ServiceLoader}. */
    public SequenceComposer() {}

    @Override
    public boolean knows(Block block) {
        return block.getClass() == SequentialBlock.class
                || block.getClass() == PointwiseFeedForwardBlock.class;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        List<Block> steps = new ArrayList<>();
        for (Pair<String, Block> child : original.getChildren()) {
            String at = Composition.join(path, child.getKey());
            int place = steps.size();
            Block step = composition.child(at, child.getValue());
            steps.add(
                    composition
                            .afterChild(at, () -> width(original, at, place))
                            .<Block>map(inserted -> new Chained(step, inserted))
                            .orElse(step));
        }
        return new ComposedSequence((SequentialBlock) original, steps);
    }

    private static long width(Block original, String path, int place) {
        Shape[] shapes = outputShapes(original, path, place);
        Shape shape = shapes.length == 1 ? shapes[0] : new Shape();
        if (shape.dimension() < 2 || shape.dimension() > 3) {
            throw new EngramException(
                    "Nothing can be put after \"%s\": its output is %s; one array is wanted, of two or three dimensions with the features in the last"
                            .formatted(path, Arrays.toString(shapes)));
        }
        return shape.get(shape.dimension() - 1);
    }

    private static Shape[] outputShapes(Block original, String path, int place) {
        try {
            Shape[] shapes = original.getInputShapes();
            for (Block child : original.getChildren().values().subList(0, place + 1)) {
                shapes = child.getOutputShapes(shapes);
            }
            return shapes;
        } catch (RuntimeException e) {
            throw new EngramException(
                    "Nothing can be put after \"%s\": the shape of its output is not known, because a block before it does not tell: %s"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }
}
