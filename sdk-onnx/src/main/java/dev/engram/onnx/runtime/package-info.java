/**
 * ONNX Runtime at work: a server that has one session and an adapter for each task, and a frozen
 * model inside a DJL loop.
 */
@NullMarked
package dev.engram.onnx.runtime;

import org.jspecify.annotations.NullMarked;
