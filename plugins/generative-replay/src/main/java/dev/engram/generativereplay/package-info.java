/**
 * Generative replay: what is rehearsed of earlier tasks is drawn from what was fitted to them, and
 * no sample is kept.
 *
 * <p>{@link dev.engram.generativereplay.MixtureReplay} is a source of mixtures of Gaussians, which
 * any strategy that rehearses takes; the provider makes it of settings as {@code mixture}.
 */
@NullMarked
package dev.engram.generativereplay;

import org.jspecify.annotations.NullMarked;
