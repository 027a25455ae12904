/** The layers of an autoencoder, what they learn, and how. */
@NullMarked
package dev.engram.generativereplay.internal.network;

import org.jspecify.annotations.NullMarked;
