/**
 * Elastic weight consolidation (Kirkpatrick et al. 2017): a quadratic penalty, weighted by the
 * Fisher information.
 *
 * <p>{@link dev.engram.ewc.FisherImportance} says how much a task needs each parameter; the penalty
 * itself is {@link dev.engram.kit.penalty.QuadraticPenaltyGuard}; the two providers put them
 * together as {@code ewc} and {@code ewc-online}.
 */
@NullMarked
package dev.engram.ewc;

import org.jspecify.annotations.NullMarked;
