package dev.engram.djl.internal.base;

import org.jspecify.annotations.Nullable;

/**
 * What came of asking a base.
 *
 * @param dreams what it answered, if it could be asked
 * @param obstacle why it could not, to follow "because"; else empty
 */
record Asked(@Nullable Dreams dreams, String obstacle) {

    static Asked with(Dreams dreams) {
        return new Asked(dreams, "");
    }

    static Asked not(String obstacle) {
        return new Asked(null, obstacle);
    }
}
