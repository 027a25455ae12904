/**
 * ONNX operators over DJL arrays, and the program that runs them.
 *
 * <p>Three rules hold for every operator here. A number inside autograd is made by {@link
 * dev.engram.onnx.operator.Native}: DJL's own numbers live in memory that may be gone before the
 * backward pass. A cast between floating types goes through {@link dev.engram.onnx.operator.Casts}:
 * {@code toType} detaches. And what the host needs, a shape or an axis, is read through {@link
 * dev.engram.onnx.operator.Call#longs}, which does not wait for the device when the value follows
 * from the input shapes.
 */
@NullMarked
package dev.engram.onnx.operator;

import org.jspecify.annotations.NullMarked;
