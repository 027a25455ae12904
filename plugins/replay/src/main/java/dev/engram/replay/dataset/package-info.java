/** Replay in the loader, for those who mix earlier samples into their batches themselves. */
@NullMarked
package dev.engram.replay.dataset;

import org.jspecify.annotations.NullMarked;
