package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

/** How a BERT turns ids into features. */
record BertEmbedding(Block tokens, Block types, Parameter positions, Block norm, Block dropout) {

    NDList forward(ParameterStore store, NDArray tokenIds, NDArray typeIds, boolean training) {
        NDArray token = tokens.forward(store, new NDList(tokenIds), training).singletonOrThrow();
        NDArray type = types.forward(store, new NDList(typeIds), training).singletonOrThrow();
        NDArray position = store.getValue(positions, tokenIds.getDevice(), training);
        NDList sum = new NDList(token.add(type).add(position));
        return dropout.forward(store, norm.forward(store, sum, training), training);
    }
}
