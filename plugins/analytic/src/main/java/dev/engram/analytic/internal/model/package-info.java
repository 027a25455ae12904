/** A model in parts while a trainer lives: a frozen base, the head that is solved, and a tail. */
@NullMarked
package dev.engram.analytic.internal.model;

import org.jspecify.annotations.NullMarked;
