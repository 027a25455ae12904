/**
 * Meta-learning: step sizes of every weight that are learnt so that earlier tasks keep while a task
 * trains (La-MAML: Gupta et al. 2020) or before (Meta-SGD: Li et al. 2017).
 *
 * <p>{@link dev.engram.metalearning.LaMaml} and {@link dev.engram.metalearning.MetaSgd} are the
 * guards; {@code ScaledUpdate} is what both do to an update, and the derivative of it.
 */
@NullMarked
package dev.engram.metalearning;

import org.jspecify.annotations.NullMarked;
