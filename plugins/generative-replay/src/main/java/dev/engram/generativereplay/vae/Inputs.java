package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;

/**
 * Some inputs as an autoencoder learns them, one a row.
 *
 * @param wanted what their codes are to be decoded to
 * @param seen what the encoder is given of them
 * @param of the class of each, among those of the task, of type int64
 */
record Inputs(Wanted wanted, NDArray seen, NDArray of) {

    /**
     * What codes are to be decoded to.
     *
     * @param units numbers from 0 to 1
     * @param logOdds of the mean of the class of each
     * @param gates of the class of each
     */
    record Wanted(NDArray units, NDArray logOdds, NDArray gates) {}
}
