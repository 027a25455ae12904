/**
 * Whether a deployed ONNX file forgot: accuracies of files on the tasks' samples, compared sample
 * by sample, with bounds that say how sure one can be.
 */
@NullMarked
package dev.engram.onnx.retention;

import org.jspecify.annotations.NullMarked;
