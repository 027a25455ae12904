/** What a model wins back in its sleep, measured. */
@NullMarked
package dev.engram.benchmark.sleep;

import org.jspecify.annotations.NullMarked;
