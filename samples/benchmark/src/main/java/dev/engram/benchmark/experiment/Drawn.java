package dev.engram.benchmark.experiment;

import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.DrawnTextures;
import dev.engram.scenarios.images.TrainAndTest;

/** Images that are drawn where no folder is given. */
enum Drawn {
    /** Strokes on an empty ground, much like MNIST. */
    DIGITS,
    /** Waves over the whole image, unlike MNIST. */
    TEXTURES;

    TrainAndTest draw(int train, int test) {
        return this == DIGITS
                ? DrawnDigits.draw(train, test, 1)
                : DrawnTextures.draw(train, test, 1);
    }
}
