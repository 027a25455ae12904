/** Terms that a guard adds to the loss of a batch. */
@NullMarked
package dev.engram.kit.loss;

import org.jspecify.annotations.NullMarked;
