/** Sequences of tasks, learnt with a strategy and without one. */
@NullMarked
package dev.engram.benchmark.experiment;

import org.jspecify.annotations.NullMarked;
