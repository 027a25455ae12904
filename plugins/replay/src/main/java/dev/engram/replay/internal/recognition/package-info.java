/** What a sample of a batch is: the same one as before, of which class, about whom. */
@NullMarked
package dev.engram.replay.internal.recognition;

import org.jspecify.annotations.NullMarked;
