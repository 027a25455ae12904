/** Samples in a directory of one process. */
@NullMarked
package dev.engram.replay.store.disk;

import org.jspecify.annotations.NullMarked;
