/**
 * Self-rehearsal: a language model writes what it rehearses, and no text is kept.
 *
 * <p>{@link dev.engram.generativereplay.text.SelfRehearsal} is the source, which any strategy that
 * rehearses takes; the provider makes it of settings as {@code self-rehearsal}. Before a task
 * begins the {@code Author} writes with the model as it stands, token by token, {@code Sieve} drops
 * what is unlikely, repeats itself or is there already, and {@code Spread} picks from what is left.
 */
@NullMarked
package dev.engram.generativereplay.text;

import org.jspecify.annotations.NullMarked;
