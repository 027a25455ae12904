/**
 * Parameters of a task's own over a frozen base: what blocks ask the store for is answered with
 * other values.
 */
@NullMarked
package dev.engram.kit.overlay;

import org.jspecify.annotations.NullMarked;
