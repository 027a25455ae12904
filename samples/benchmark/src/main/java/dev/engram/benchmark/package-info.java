/** Measures strategies: retention, step times, memory. */
@NullMarked
package dev.engram.benchmark;

import org.jspecify.annotations.NullMarked;
