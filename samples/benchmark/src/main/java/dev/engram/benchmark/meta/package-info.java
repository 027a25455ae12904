/** What learning before the loop does for what is kept in it. */
@NullMarked
package dev.engram.benchmark.meta;

import org.jspecify.annotations.NullMarked;
