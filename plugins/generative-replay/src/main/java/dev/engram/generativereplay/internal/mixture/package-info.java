/** Mixtures of low-rank Gaussians, one for each class: fitted, kept, drawn from, written down. */
@NullMarked
package dev.engram.generativereplay.internal.mixture;

import org.jspecify.annotations.NullMarked;
