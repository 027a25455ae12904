/** What becomes of a weight: updates of low rank, factors, and where weights are shared. */
@NullMarked
package dev.engram.lora.internal.update;

import org.jspecify.annotations.NullMarked;
