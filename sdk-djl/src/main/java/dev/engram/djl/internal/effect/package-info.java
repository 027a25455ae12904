/** Measures what guards do, and says so at the end of each epoch. */
@NullMarked
package dev.engram.djl.internal.effect;

import org.jspecify.annotations.NullMarked;
