/** What is summed over samples: counts, features a class, and their products. */
@NullMarked
package dev.engram.analytic.internal.sums;

import org.jspecify.annotations.NullMarked;
