/**
 * A variational autoencoder that knows classes, as a source of samples.
 *
 * <p>{@link dev.engram.generativereplay.vae.VaeReplay} keeps a decoder and, of each class, mixtures
 * of codes; an encoder is there only while a task is learnt.
 */
@NullMarked
package dev.engram.generativereplay.vae;

import org.jspecify.annotations.NullMarked;
