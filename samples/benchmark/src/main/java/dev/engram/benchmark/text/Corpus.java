package dev.engram.benchmark.text;

import java.util.Arrays;

/**
 * A text as token numbers.
 *
 * @param name of what it is
 * @param train learnt from
 * @param test measured on
 */
@SuppressWarnings("ArrayRecordComponent") // Nothing compares them.
record Corpus(String name, int[] train, int[] test) {

    /** Returns the tokens of some windows, each a token longer than the samples are. */
    static int[] windows(int[] text, int[] begins, int length) {
        return Arrays.stream(begins)
                .flatMap(begin -> Arrays.stream(text, begin, begin + length + 1))
                .toArray();
    }
}
