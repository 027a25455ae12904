/** ONNX models in Engram: files that train as DJL blocks, and go back into files. */
@NullMarked
package dev.engram.onnx;

import org.jspecify.annotations.NullMarked;
