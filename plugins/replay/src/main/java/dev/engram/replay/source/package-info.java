/**
 * Where rehearsed samples come from: which ones stay, in what form, and how they are drawn.
 *
 * <p>{@link dev.engram.replay.source.ReplayBuffer} is the one {@code ReplaySource}; what makes a
 * reservoir, a ring or herding of it is its {@link dev.engram.replay.selection.Selection}, and
 * where the samples lie its {@link dev.engram.replay.store.SampleStore}.
 */
@NullMarked
package dev.engram.replay.source;

import org.jspecify.annotations.NullMarked;
