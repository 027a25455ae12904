/** What runs measured: one JSON line a run, means, errors, tables. */
@NullMarked
package dev.engram.benchmark.results;

import org.jspecify.annotations.NullMarked;
