/** What protection costs: step times, memory, bytes, loading, serving. */
@NullMarked
package dev.engram.benchmark.cost;

import org.jspecify.annotations.NullMarked;
