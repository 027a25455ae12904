/** A listener from a file, without code. */
@NullMarked
package dev.engram.config;

import org.jspecify.annotations.NullMarked;
