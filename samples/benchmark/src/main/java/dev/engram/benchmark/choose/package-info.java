/** Settings tried on validation data, the best of them named. */
@NullMarked
package dev.engram.benchmark.choose;

import org.jspecify.annotations.NullMarked;
