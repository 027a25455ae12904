package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import dev.engram.kit.compose.BlockRewriter;
import dev.engram.kit.compose.Rewiring;
import java.util.Optional;

/** Knows {@link TransformerEncoderBlock}. */
public final class EncoderRewriter implements BlockRewriter {

    private static final String ATTENTION = "01selfAttention";

    /** Called by {@code ServiceLoader}. */
    public EncoderRewriter() {}

    @Override
    public boolean knows(Block block) {
        return block.getClass() == TransformerEncoderBlock.class;
    }

    @Override
    public Block rewrite(Block original, String path, Rewiring rewiring) {
        ChildBlocks children = new ChildBlocks(original, path, rewiring);
        long width = AttentionRewriter.width(attention(original));
        // The block's own dropouts are hidden, but have the rate of the attention's.
        Block dropout = attention(original).getChildren().get("05probabilityDropout");
        Block attention = children.anew(ATTENTION);
        Block afterAttention = rewiring.afterAttention(path, width).orElse(null);
        Block norm = children.anew("02attentionNorm");
        Block feedForward = children.anew("03outputBlock");
        Block afterFeedForward = rewiring.afterFeedForward(path, width).orElse(null);
        return new RecomposedEncoder(
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
                        AttentionRewriter.width(attention),
                        AttentionRewriter.weight(attention),
                        manager));
    }

    private static Block attention(Block encoder) {
        return (ScaledDotProductAttentionBlock) encoder.getChildren().get(ATTENTION);
    }
}
