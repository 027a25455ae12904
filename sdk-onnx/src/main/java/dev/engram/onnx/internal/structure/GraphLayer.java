package dev.engram.onnx.internal.structure;

/**
 * A product of a graph by a matrix of the file, with the bias that is added to it.
 *
 * @param name the layer's own name where it tells it apart, else that of its output; no other layer
 *     has it
 * @param output the value after the bias
 * @param width the size of the last dimension of the output
 */
public record GraphLayer(String name, String output, long width) {}
