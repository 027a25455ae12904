/**
 * What is done with samples of earlier tasks once they are drawn.
 *
 * <p>{@link dev.engram.kit.rehearsal.RehearsalGuard} draws and observes; a {@link
 * dev.engram.kit.rehearsal.Rehearsal} turns what was drawn into gradients: added losses (experience
 * replay, DER), a projection (A-GEM), or the asymmetric loss of ER-ACE.
 */
@NullMarked
package dev.engram.kit.rehearsal;

import org.jspecify.annotations.NullMarked;
