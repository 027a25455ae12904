package com.example.forgetting;

import ai.djl.ndarray.NDArray;

/** What is averaged of a gradient. */
enum Form {
    SQUARE {
        @Override
        NDArray of(NDArray gradient) {
            return gradient.square();
        }
    },
    MAGNITUDE {
        @Override
        NDArray of(NDArray gradient) {
            return gradient.abs();
        }
    };

    /** Returns a new array. */
    abstract NDArray of(NDArray gradient);
}
