package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.BertBlock;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Knows {@link BertBlock}. */
public final class BertComposer implements BlockComposer {

    private static final int BEFORE_TRANSFORMERS = 4;
    private static final int LENGTH_TO_COMPARE = 128;

    /** Called by {@code ServiceLoader}. */
    public BertComposer() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof BertBlock;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        ChildBlocks children = new ChildBlocks(original, path, composition);
        BertEmbedding embedding =
                new BertEmbedding(
                        children.anew("01tokenEmbedding"),
                        children.anew("02typeEmbedding"),
                        original.getDirectParameters().get("positionEmbedding"),
                        children.anew("03embeddingNorm"),
                        children.anew("04embeddingDropout"));
        List<Block> transformers = new ArrayList<>();
        int pooling = children.size() - 1;
        for (int i = BEFORE_TRANSFORMERS; i < pooling; i++) {
            transformers.add(children.anew(i));
        }
        long width = ((BertBlock) original).getEmbeddingSize();
        return new ComposedBert(
                original,
                embedding,
                composition.embeddings(path, width).orElse(null),
                transformers,
                children.anew(pooling));
    }

    /**
     * Returns nothing for long sequences: DJL never cuts positions, so that a comparison costs a
     * pass at full length. Then the layers are compared one by one.
     */
    @Override
    public Optional<NDList> sample(Block original, NDManager manager) {
        BertBlock bert = (BertBlock) original;
        NDArray positions = bert.getDirectParameters().get("positionEmbedding").getArray();
        int length = (int) positions.getShape().get(0);
        if (length > LENGTH_TO_COMPARE) {
            return Optional.empty();
        }
        NDArray tokens = Samples.ids(bert.getTokenDictionarySize(), length, manager);
        NDArray types = Samples.ids(bert.getTypeDictionarySize(), length, manager);
        return Optional.of(new NDList(tokens, types, tokens.onesLike()));
    }
}
