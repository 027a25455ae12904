/**
 * Sleep: between trainings a model learns again from the best of its own states, without labels.
 *
 * <p>{@link dev.engram.sleep.Sleep} is called by the user's scheduler and answers with a {@link
 * dev.engram.sleep.SleepReport}; {@link dev.engram.sleep.WeightsFollower} keeps the averages of the
 * weights among which it looks for a teacher. {@code Night} is one run, from the model of before to
 * the decision.
 */
@NullMarked
package dev.engram.sleep;

import org.jspecify.annotations.NullMarked;
