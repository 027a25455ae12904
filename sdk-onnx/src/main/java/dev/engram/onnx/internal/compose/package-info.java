/** What is put inside a graph: updates beside products, blocks after layers, prompts. */
@NullMarked
package dev.engram.onnx.internal.compose;

import org.jspecify.annotations.NullMarked;
