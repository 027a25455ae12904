/** The memory directory: generations that a crash leaves whole, and damage is found in. */
@NullMarked
package dev.engram.djl.internal.memory;

import org.jspecify.annotations.NullMarked;
