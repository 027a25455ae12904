/** Samples of tasks that La-MAML keeps itself, where no source is named. */
@NullMarked
package dev.engram.metalearning.internal.samples;

import org.jspecify.annotations.NullMarked;
