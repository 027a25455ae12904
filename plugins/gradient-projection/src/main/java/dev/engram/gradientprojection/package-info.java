/**
 * Gradient projection: what an update of a layer would change for the inputs of earlier tasks is
 * taken out of it (OWM: Zeng et al. 2019; GPM: Saha et al. 2021; NSCL: Wang et al. 2021).
 *
 * <p>{@link dev.engram.gradientprojection.GradientProjection} is the guard; {@code ProjectionRule}
 * says what each of the three keeps of a task and takes away.
 */
@NullMarked
package dev.engram.gradientprojection;

import org.jspecify.annotations.NullMarked;
