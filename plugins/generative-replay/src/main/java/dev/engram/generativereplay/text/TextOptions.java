package dev.engram.generativereplay.text;

import java.util.Map;

/**
 * When texts are written, how many, and what becomes of them; see {@link SelfRehearsalBuilder}.
 *
 * @param firstTokens by the name of a task
 * @param startToken of the others, or {@link Author#ANYWHERE}
 */
record TextOptions(
        int texts,
        int length,
        Map<String, Integer> firstTokens,
        int startToken,
        boolean answers,
        boolean keep,
        int longestCopy,
        long seed) {

    int first(KnownTask task) {
        return firstTokens.getOrDefault(task.name(), startToken);
    }
}
