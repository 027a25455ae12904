/**
 * Low-rank adapters for ONNX Runtime: a model file gets slots for them, and each task's adapter is
 * an {@code .onnx_adapter} file that one session switches per request.
 *
 * <p>{@link dev.engram.onnx.adapter.AdapterSlots} prepares a model, {@link
 * dev.engram.onnx.adapter.OnnxAdapter} is what a task learnt, {@link
 * dev.engram.onnx.adapter.OnnxAdapterFile} stores it. Only {@link
 * dev.engram.onnx.adapter.LearntAdapter} needs an engine.
 */
@NullMarked
package dev.engram.onnx.adapter;

import org.jspecify.annotations.NullMarked;
