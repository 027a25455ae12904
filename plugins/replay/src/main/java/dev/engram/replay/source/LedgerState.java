package dev.engram.replay.source;

import dev.engram.api.EngramException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * How the choice of samples stands, as text: a line for the selection, one for the form of storage,
 * one for the random numbers, one for each group that has refused samples.
 *
 * @param selection its name
 * @param storage the form of the stored samples
 * @param tags where the random numbers are
 * @param thresholds by group, the tag from which on samples are refused
 */
record LedgerState(String selection, String storage, long tags, Map<String, Long> thresholds) {

    private static final String GROUP = "group ";

    static String write(Selection selection, String storage, long tags, Iterable<Group> groups) {
        StringBuilder text =
                new StringBuilder(selection.name() + "\n" + storage + "\n" + tags + "\n");
        for (Group group : groups) {
            if (group.threshold() < Long.MAX_VALUE) {
                text.append(GROUP)
                        .append(group.threshold())
                        .append(' ')
                        .append(group.writtenName())
                        .append('\n');
            }
        }
        return text.toString();
    }

    static LedgerState read(String text) {
        String[] lines = text.split("\n", -1);
        Map<String, Long> thresholds = new HashMap<>();
        for (String line : lines) {
            if (line.startsWith(GROUP)) {
                String[] words = line.split(" ", -1);
                thresholds.put(
                        URLDecoder.decode(words[2], StandardCharsets.UTF_8),
                        Long.parseLong(words[1]));
            }
        }
        return new LedgerState(lines[0], lines[1], Long.parseLong(lines[2]), thresholds);
    }

    void require(Selection wanted, String wantedStorage) {
        if (!storage.equals(wantedStorage)) {
            throw new EngramException(
                    "The replay store holds samples as %s, but %s is set: set that storage, or use another store"
                            .formatted(storage, wantedStorage));
        }
        if (!selection.equals(wanted.name())) {
            throw new EngramException(
                    "The replay store was filled by the selection %s, but %s is set: set that one, or use another store"
                            .formatted(selection, wanted));
        }
    }
}
