package dev.engram.onnx;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.Experimental;
import dev.engram.djl.isolation.LayerUse;
import dev.engram.djl.rewire.BlockRewriter;
import dev.engram.djl.rewire.ForwardOnlyBlock;
import dev.engram.djl.rewire.ProductUpdate;
import dev.engram.djl.rewire.Rewiring;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts updates beside the products of an {@link OnnxBlock}; found by {@code ServiceLoader}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxRewriter implements BlockRewriter {

    /** Creates the rewriter, as {@code ServiceLoader} does. */
    public OnnxRewriter() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof OnnxBlock;
    }

    @Override
    public Block rewrite(Block original, String path, Rewiring rewiring) {
        OnnxBlock block = (OnnxBlock) original;
        Map<String, ProductUpdate> updates = new LinkedHashMap<>();
        for (Map.Entry<String, LayerUse> product : block.products().entrySet()) {
            String weight = product.getKey();
            rewiring.product(Rewiring.join(path, weight), product.getValue().isOutputFirst())
                    .ifPresent(update -> updates.put(weight, update));
        }
        return new Updated(block, updates);
    }

    private static final class Updated extends ForwardOnlyBlock {

        private final OnnxBlock block;
        private final Map<String, ProductUpdate> updates;

        Updated(OnnxBlock block, Map<String, ProductUpdate> updates) {
            this.block = block;
            this.updates = updates;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            return block.run(store, inputs, training, updates);
        }
    }
}
