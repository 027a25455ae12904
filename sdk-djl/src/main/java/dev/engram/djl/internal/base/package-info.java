/** Holds what a model can do that the memory knows nothing of, without data of its task. */
@NullMarked
package dev.engram.djl.internal.base;

import org.jspecify.annotations.NullMarked;
