/** The tasks that were learnt, the weights that they left, and where they outlive the process. */
@NullMarked
package dev.engram.djl.internal.history;

import org.jspecify.annotations.NullMarked;
