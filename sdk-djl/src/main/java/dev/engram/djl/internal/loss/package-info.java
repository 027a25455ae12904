/** Lets guards add terms to the loop's own loss. */
@NullMarked
package dev.engram.djl.internal.loss;

import org.jspecify.annotations.NullMarked;
