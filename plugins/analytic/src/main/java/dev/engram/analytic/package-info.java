/**
 * Heads that are solved and not trained: over a frozen base the last layer follows in closed form
 * from sums over all samples, so that the order of tasks changes nothing: the head is the one that
 * all tasks together give.
 *
 * <p>{@link dev.engram.analytic.AnalyticGuard} is the strategy for a training loop, {@link
 * dev.engram.analytic.AnalyticHead} the same for features that the caller has at hand.
 */
@NullMarked
package dev.engram.analytic;

import org.jspecify.annotations.NullMarked;
