/** What was measured, with all that is needed to measure it again. */
@NullMarked
package dev.engram.scenarios.results;

import org.jspecify.annotations.NullMarked;
