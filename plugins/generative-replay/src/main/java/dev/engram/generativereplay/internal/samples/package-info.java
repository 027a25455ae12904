/** The samples of a task by class, and such as are made again of what was fitted to them. */
@NullMarked
package dev.engram.generativereplay.internal.samples;

import org.jspecify.annotations.NullMarked;
