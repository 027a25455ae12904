/** An ONNX file learns two tasks under guard, and goes back with an adapter for each. */
@NullMarked
package dev.engram.finetune;

import org.jspecify.annotations.NullMarked;
