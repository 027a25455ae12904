/**
 * The operators of ONNX over DJL arrays, by kind: one class a family, which registers itself.
 *
 * <p>Three rules hold for every operator. A number inside autograd is made by {@link
 * dev.engram.onnx.internal.array.Native}: DJL's own numbers live in memory that may be gone before
 * the backward pass. A cast between floating types goes through {@link
 * dev.engram.onnx.internal.array.Casts}: {@code toType} detaches. And what the host needs, a shape
 * or an axis, is read through {@link dev.engram.onnx.internal.program.Call#longs(int)}, which does
 * not wait for the device when the value follows from the input shapes.
 */
@NullMarked
package dev.engram.onnx.internal.operator;

import org.jspecify.annotations.NullMarked;
