/** How samples are written as bytes, and what is put around them; shared by the stores. */
@NullMarked
package dev.engram.replay.internal.records;

import org.jspecify.annotations.NullMarked;
