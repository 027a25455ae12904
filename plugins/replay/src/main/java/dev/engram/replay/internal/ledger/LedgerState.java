package dev.engram.replay.internal.ledger;

import dev.engram.api.EngramException;
import dev.engram.replay.selection.Selection;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the choice of samples stands, as text: a line for the selection, one for the form of storage,
 * one for the random numbers, one for the seed of tags, one for which store it is and how often it
 * was changed, one for each group that has refused samples; while a task trains one for it, and one
 * for each group that had refused samples before.
 *
 * @param selection its name
 * @param storage the form of the stored samples
 * @param tags where the random numbers are
 * @param seed of the samples' tags, none where an earlier version of Engram wrote it
 * @param edition of the store; of one that an earlier version of Engram wrote, a new one
 * @param thresholds by group, the tag from which on samples are refused
 * @param underway the task that was under way
 */
public record LedgerState(
        String selection,
        String storage,
        long tags,
        @Nullable Long seed,
        Edition edition,
        Map<String, Long> thresholds,
        @Nullable Underway underway) {

    private static final String SEED = "seed ";
    private static final String STORE = "store ";
    private static final String GROUP = "group ";
    private static final String BEFORE = "before ";
    private static final String TRAINS = "trains ";
    private static final String ENDED = "ended ";

    /** Returns it as text, which {@link #read} reads. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append(selection).append('\n').append(storage).append('\n').append(tags).append('\n');
        text.append(SEED).append(seed).append('\n').append(STORE).append(edition).append('\n');
        write(GROUP, thresholds, text);
        if (underway != null) {
            text.append(underway.hasEnded() ? ENDED : TRAINS)
                    .append(encode(underway.task()))
                    .append('\n');
            write(BEFORE, underway.thresholds(), text);
        }
        return text.toString();
    }

    private static void write(String key, Map<String, Long> thresholds, StringBuilder text) {
        new TreeMap<>(thresholds)
                .forEach(
                        (group, tag) ->
                                text.append(key)
                                        .append(tag)
                                        .append(' ')
                                        .append(encode(group))
                                        .append('\n'));
    }

    public static LedgerState read(String text) {
        String[] lines = text.split("\n", -1);
        Map<String, Long> thresholds = new HashMap<>();
        Map<String, Long> before = new HashMap<>();
        Edition edition = Edition.first();
        Long seed = null;
        String task = null;
        boolean ended = false;
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (line.startsWith(SEED)) {
                seed = Long.valueOf(line.substring(SEED.length()));
            } else if (line.startsWith(STORE)) {
                edition = Edition.parse(line.substring(STORE.length()));
            } else if (line.startsWith(GROUP)) {
                thresholds.put(decode(words[2]), Long.parseLong(words[1]));
            } else if (line.startsWith(BEFORE)) {
                before.put(decode(words[2]), Long.parseLong(words[1]));
            } else if (line.startsWith(TRAINS) || line.startsWith(ENDED)) {
                task = decode(words[1]);
                ended = line.startsWith(ENDED);
            }
        }
        return new LedgerState(
                lines[0],
                lines[1],
                Long.parseLong(lines[2]),
                seed,
                edition,
                thresholds,
                task == null ? null : underway(task, before, ended));
    }

    private static Underway underway(String task, Map<String, Long> before, boolean ended) {
        Underway underway = new Underway(task, before);
        if (ended) {
            underway.end();
        }
        return underway;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
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
