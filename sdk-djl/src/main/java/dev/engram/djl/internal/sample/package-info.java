/** Keeps a bounded uniform sample of what the training saw. */
@NullMarked
package dev.engram.djl.internal.sample;

import org.jspecify.annotations.NullMarked;
