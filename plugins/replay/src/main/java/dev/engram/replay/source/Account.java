package dev.engram.replay.source;

import dev.engram.replay.internal.ledger.Edition;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many samples of each task a store holds: kept in the listener's memory, too, so that a store
 * that is gone is not taken for an empty one.
 *
 * @param edition of the store; none where an earlier version of Engram wrote the account
 * @param place how messages name the store
 * @param samples by task; at least those of which there are any
 */
record Account(@Nullable Edition edition, String place, Map<String, Long> samples) {

    private static final String NOBODY = "";

    /** Returns what an earlier version wrote down: the tasks, of each at least one sample. */
    static Account ofTasks(String tasks) {
        Map<String, Long> samples = new TreeMap<>();
        tasks.lines().filter(task -> !task.isEmpty()).forEach(task -> samples.put(task, 1L));
        return new Account(null, NOBODY, samples);
    }

    /** Returns what {@link #toString} wrote. */
    static Account parse(String text) {
        List<String> lines = text.lines().toList();
        Map<String, Long> samples = new TreeMap<>();
        for (String line : lines.subList(2, lines.size())) {
            String[] words = line.split(" ", -1);
            samples.put(decode(words[1]), Long.parseLong(words[0]));
        }
        Edition edition = lines.get(0).isEmpty() ? null : Edition.parse(lines.get(0));
        return new Account(edition, decode(lines.get(1)), samples);
    }

    long of(String task) {
        return samples.getOrDefault(task, 0L);
    }

    long total() {
        return samples.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the sum over some tasks. */
    long total(Iterable<String> tasks) {
        long sum = 0;
        for (String task : tasks) {
            sum += of(task);
        }
        return sum;
    }

    private Optional<Edition> written() {
        return Optional.ofNullable(edition);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(written().map(Edition::toString).orElse("")).append('\n');
        text.append(encode(place)).append('\n');
        samples.forEach(
                (task, count) -> text.append(count).append(' ').append(encode(task)).append('\n'));
        return text.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
