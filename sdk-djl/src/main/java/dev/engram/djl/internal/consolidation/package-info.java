/** Lets guards take in what a model has learnt, or could do before. */
@NullMarked
package dev.engram.djl.internal.consolidation;

import org.jspecify.annotations.NullMarked;
