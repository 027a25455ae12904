/** The guards of a listener, what they own, and what they see of a training. */
@NullMarked
package dev.engram.djl.internal.guards;

import org.jspecify.annotations.NullMarked;
