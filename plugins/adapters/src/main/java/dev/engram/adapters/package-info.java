/** Bottleneck adapters for each task inside a frozen base. */
@NullMarked
package dev.engram.adapters;

import org.jspecify.annotations.NullMarked;
