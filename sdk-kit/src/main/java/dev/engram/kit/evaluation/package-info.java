/** Blocks that run in evaluation mode and still record for autograd. */
@NullMarked
package dev.engram.kit.evaluation;

import org.jspecify.annotations.NullMarked;
