package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import java.util.Optional;

/** Knows {@link ScaledDotProductAttentionBlock}. */
public final class AttentionComposer implements BlockComposer {

    /** Called by {@code ServiceLoader}. */
    public AttentionComposer() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof ScaledDotProductAttentionBlock;
    }

    /** DJL's own multiplies by a number inside autograd, see {@code Scaled}. */
    @Override
    public boolean mends() {
        return true;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        ScaledDotProductAttentionBlock attention = (ScaledDotProductAttentionBlock) original;
        ChildBlocks children = new ChildBlocks(original, path, composition);
        return new ComposedAttention(
                attention,
                HeadCount.of(attention, weight(attention)),
                children.anew("01keyProjection"),
                children.anew("02queryProjection"),
                children.anew("03valueProjection"),
                children.anew("04resultProjection"),
                children.anew("05probabilityDropout"),
                composition.keysAndValues(path, width(attention)).orElse(null));
    }

    @Override
    public Optional<NDList> sample(Block original, NDManager manager) {
        return Optional.of(Samples.sequence(width(original), weight(original), manager));
    }

    static long width(Block attention) {
        return weight(attention).getShape().get(0);
    }

    static NDArray weight(Block attention) {
        return ((ScaledDotProductAttentionBlock) attention)
                .getResultProjection()
                .getDirectParameters()
                .get("weight")
                .getArray();
    }
}
