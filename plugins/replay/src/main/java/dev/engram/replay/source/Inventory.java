package dev.engram.replay.source;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.replay.internal.ledger.Edition;
import dev.engram.replay.internal.ledger.Entry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a store holds what the memory knows of it: found when the memory is read, and an error
 * before anything trains or is kept, unless the user said that the samples are lost.
 */
final class Inventory {

    private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

    private final Set<String> givenUp = new HashSet<>();
    private Set<String> lost = Set.of();
    private @Nullable Account known;
    private String seen = "";

    /** Takes note that samples of some tasks may be lost. */
    void giveUp(Set<String> tasks) {
        givenUp.addAll(tasks);
    }

    /**
     * Compares what the memory knows with what the store holds.
     *
     * @param isWhole whether the store is changed by this process alone, so that its revision tells
     *     how old it is
     * @param expires whether samples leave by age
     */
    void compare(Account then, Account now, boolean isWhole, boolean expires) {
        known = then;
        Edition before = then.edition();
        Edition here = now.edition();
        if (before != null && here != null && !before.store().equals(here.store())) {
            lost = new TreeSet<>(then.samples().keySet());
            seen =
                    now.total() == 0
                            ? "holds none"
                            : "is another store, with samples of " + now.samples().keySet();
        } else if (isWhole && before != null && here != null && isOlder(here, before)) {
            lost = tasks(then, task -> now.of(task) < then.of(task));
            seen = "is an older state of it, with " + now.total(lost) + " of them";
        } else {
            lost = tasks(then, task -> now.of(task) == 0);
            seen = "holds none";
            if ((isWhole && before != null) || expires) {
                warnOfNone();
            }
        }
    }

    private static boolean isOlder(Edition here, Edition before) {
        return here.revision() < before.revision();
    }

    private static Set<String> tasks(Account then, Predicate<String> wanted) {
        return then.samples().keySet().stream()
                .filter(wanted)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The store says itself that they were taken out of it. */
    private void warnOfNone() {
        if (!lost.isEmpty()) {
            LOG.warn(
                    "No samples of the tasks {} are left (erased, too old, or pushed out): they are"
                            + " not rehearsed.",
                    lost);
        }
        lost = Set.of();
    }

    /** Returns whether samples are missing of which the user does not know. */
    boolean isBroken() {
        return !missing().isEmpty();
    }

    private Set<String> missing() {
        Set<String> missing = new TreeSet<>(lost);
        missing.removeAll(givenUp);
        return missing;
    }

    /**
     * Checks that nothing is missing; from then on the store is what the memory is about.
     *
     * @param store how messages name it
     * @throws EngramException naming the tasks whose samples are missing
     */
    void require(String store) {
        Set<String> missing = missing();
        Account then = known;
        if (then != null && !missing.isEmpty()) {
            throw new EngramException(
                    "The memory knows tasks %s with %s samples kept in %s, but %s %s: they would be forgotten without protection. Set that store, as it was when the memory was last written: restore it from a backup. %s"
                            .formatted(
                                    missing,
                                    then.total(missing),
                                    then.place().isEmpty() ? store : then.place(),
                                    store,
                                    seen,
                                    wayOut(missing)));
        }
        if (!lost.isEmpty()) {
            LOG.warn("The samples of the tasks {} are given up: they are not rehearsed.", lost);
        }
        known = null;
        lost = Set.of();
    }

    /**
     * Reads every sample.
     *
     * @throws EngramException if some cannot be read; those of tasks that were given up go
     */
    void requireReadable(StoreQueue queue, Books books, NDManager manager) {
        Set<Long> damaged = new HashSet<>(queue.damaged());
        Predicate<Entry> isDamaged = entry -> damaged.contains(entry.key.id());
        List<Entry> found = damaged.isEmpty() ? List.of() : books.find(isDamaged);
        if (found.isEmpty()) {
            return;
        }
        Set<String> tasks = new TreeSet<>();
        found.forEach(entry -> tasks.add(entry.key.task()));
        Set<String> missing = new TreeSet<>(tasks);
        missing.removeAll(givenUp);
        if (!missing.isEmpty()) {
            throw new EngramException(
                    "%s samples of the tasks %s cannot be read: %s. %s"
                            .formatted(
                                    found.size(),
                                    tasks,
                                    reason(queue, found.get(0), manager),
                                    wayOut(missing)));
        }
        books.leave(books.takeOut(isDamaged));
        LOG.warn("{} damaged samples of the tasks {} are given up", found.size(), tasks);
    }

    private static String reason(StoreQueue queue, Entry entry, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            StoreQueue.await(queue.read(new long[] {entry.key.id()}, scope));
            return "reading failed";
        } catch (EngramException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String wayOut(Set<String> tasks) {
        return "If samples are gone for good, say so, and what is left is rehearsed:"
                + " listener.continueWithout("
                + tasks.stream().map(task -> '"' + task + '"').collect(Collectors.joining(", "))
                + ")";
    }

    /** Returns what the memory is to know: what it did, while samples are missing. */
    Account toWrite(Account now) {
        Account then = known;
        return then != null && isBroken() ? then : now;
    }
}
