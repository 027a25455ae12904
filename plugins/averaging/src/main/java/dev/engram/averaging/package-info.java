/**
 * Weight averaging: when a task is learnt, the weights go back part of the way to what they were.
 *
 * <p>{@link dev.engram.averaging.WeightAveraging} is the guard; {@link
 * dev.engram.averaging.AveragingRule} says how far; the provider makes it of settings as {@code
 * averaging}.
 */
@NullMarked
package dev.engram.averaging;

import org.jspecify.annotations.NullMarked;
