package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import java.util.Optional;

/** Knows {@link TransformerEncoderBlock}. */
public final class EncoderComposer implements BlockComposer {

    private static final String ATTENTION = "01selfAttention";

    /** Called by {@code ServiceLoader}. */
    public EncoderComposer() {}

    @Override
    public boolean knows(Block block) {
        return block.getClass() == TransformerEncoderBlock.class;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        ChildBlocks children = new ChildBlocks(original, path, composition);
        long width = AttentionComposer.width(attention(original));
        // The block's own dropouts are hidden, but have the rate of the attention's.
        Block dropout = attention(original).getChildren().get("05probabilityDropout");
        Block attention = children.anew(ATTENTION);
        Block afterAttention = composition.afterAttention(path, width).orElse(null);
        Block norm = children.anew("02attentionNorm");
        Block feedForward = children.anew("03outputBlock");
        Block afterFeedForward = composition.afterFeedForward(path, width).orElse(null);
        return new ComposedEncoder(
                original,
                new Sublayer(attention, dropout, afterAttention, norm),
                new Sublayer(
                        feedForward, dropout, afterFeedForward, children.anew("04outputNorm")));
    }

    @Override
    public Optional<NDList> sample(Block original, NDManager manager) {
        Block attention = attention(original);
        return Optional.of(
                Samples.sequence(
                        AttentionComposer.width(attention),
                        AttentionComposer.weight(attention),
                        manager));
    }

    private static Block attention(Block encoder) {
        return (ScaledDotProductAttentionBlock) encoder.getChildren().get(ATTENTION);
    }
}
