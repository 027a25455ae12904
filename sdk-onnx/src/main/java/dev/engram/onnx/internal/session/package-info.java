/** Sessions of ONNX Runtime; no part of the public API. */
@NullMarked
package dev.engram.onnx.internal.session;

import org.jspecify.annotations.NullMarked;
