/** How much is kept, and which samples. */
@NullMarked
package dev.engram.replay.selection;

import org.jspecify.annotations.NullMarked;
