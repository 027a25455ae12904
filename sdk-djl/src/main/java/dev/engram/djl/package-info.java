/** The listener: the one type that a user of Engram must know. */
@NullMarked
package dev.engram.djl;

import org.jspecify.annotations.NullMarked;
