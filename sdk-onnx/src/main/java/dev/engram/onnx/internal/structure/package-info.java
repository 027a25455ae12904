/** What a graph says of the model behind it: layers, embeddings, attention, heads. */
@NullMarked
package dev.engram.onnx.internal.structure;

import org.jspecify.annotations.NullMarked;
