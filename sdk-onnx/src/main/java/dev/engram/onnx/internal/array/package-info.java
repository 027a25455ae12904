/**
 * DJL arrays as ONNX needs them: made of a file's tensors, cast, stretched, inside autograd.
 *
 * <p>A number inside autograd is made by {@link dev.engram.onnx.internal.array.Native}: DJL's own
 * numbers live in memory that may be gone before the backward pass. A cast between floating types
 * goes through {@link dev.engram.onnx.internal.array.Casts}: {@code toType} detaches.
 */
@NullMarked
package dev.engram.onnx.internal.array;

import org.jspecify.annotations.NullMarked;
