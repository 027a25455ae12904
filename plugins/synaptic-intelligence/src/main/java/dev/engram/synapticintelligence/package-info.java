/**
 * Importance from the path of training: synaptic intelligence (Zenke et al. 2017) and the
 * Riemannian walk (Chaudhry et al. 2018).
 *
 * <p>{@link dev.engram.synapticintelligence.PathIntegralImportance} and {@link
 * dev.engram.synapticintelligence.WalkImportance} say how much a task needs each parameter, from
 * nothing but its training; the penalty itself is {@link
 * dev.engram.kit.penalty.QuadraticPenaltyGuard}; the two providers put them together as {@code si}
 * and {@code rwalk}.
 */
@NullMarked
package dev.engram.synapticintelligence;

import org.jspecify.annotations.NullMarked;
