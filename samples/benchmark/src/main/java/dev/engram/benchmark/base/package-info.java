/** A pretrained base, and what it loses when a new task is learnt. */
@NullMarked
package dev.engram.benchmark.base;

import org.jspecify.annotations.NullMarked;
