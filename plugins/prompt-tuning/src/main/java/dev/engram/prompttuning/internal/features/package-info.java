/** What tells tasks apart: statistics of the base's features. */
@NullMarked
package dev.engram.prompttuning.internal.features;

import org.jspecify.annotations.NullMarked;
