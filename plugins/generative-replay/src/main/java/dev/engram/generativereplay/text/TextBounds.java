package dev.engram.generativereplay.text;

import dev.engram.api.InvalidOptionException;

/** What options may be. */
final class TextBounds {

    private TextBounds() {}

    static void require(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new InvalidOptionException(
                    "%s(%s): give a number from %s to %s".formatted(option, value, least, most));
        }
    }
}
