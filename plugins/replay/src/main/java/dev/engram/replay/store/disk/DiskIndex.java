package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.replay.internal.records.DamageAdvice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * The small part of a disk store, an MVStore: which samples there are, where they lie, the state.
 *
 * <p>A commit is written in one piece and found or not found as a whole when it is opened again.
 */
final class DiskIndex implements AutoCloseable {

    private static final int CACHE_MEGABYTES = 8;
    private static final int FILL_RATE = 50;
    private static final int COMPACTED_BYTES = 16 << 20;

    /** A removal rewrites a page: smaller than MVStore's 16 KB, so that less is written anew. */
    private static final int PAGE_BYTES = 4096;

    private static final int COPIED_A_COMMIT = 1 << 14;
    private static final String DAMAGED = " is damaged. " + DamageAdvice.TEXT + ": ";
    private static final String[] MAPS = {"keys", "layouts", "about"};

    private final Path path;
    private MVStore store;

    DiskIndex(Path path) {
        this.path = path;
        try {
            Files.deleteIfExists(rewritten());
        } catch (IOException e) {
            throw new EngramException(rewritten() + " could not be deleted", e);
        }
        store = open(path);
    }

    Path path() {
        return path;
    }

    /** Sample ids to where they lie and what is known of them. */
    MVMap<Long, byte[]> keys() {
        return map(store, MAPS[0]);
    }

    /** Numbers of layouts to their texts. */
    MVMap<Long, byte[]> layouts() {
        return map(store, MAPS[1]);
    }

    /** What is known of the store itself, under numbers that are the store's business. */
    MVMap<Long, byte[]> about() {
        return map(store, MAPS[2]);
    }

    /**
     * Writes what was put.
     *
     * @param forced whether to wait until the drive has it. Only then is the room of earlier
     *     commits used again at once, which keeps the file small; otherwise after MVStore's 45
     *     seconds, by when the system has written what replaced them
     * @param gathered whether, if forced, what is left of half-empty chunks moves to a new one
     */
    void commit(boolean forced, boolean gathered) {
        run(
                opened -> {
                    if (!forced) {
                        return opened.commit();
                    }
                    int retention = opened.getRetentionTime();
                    opened.setRetentionTime(0);
                    if (gathered) {
                        opened.commit();
                        opened.compact(FILL_RATE, COMPACTED_BYTES);
                    }
                    long version = opened.commit();
                    opened.sync();
                    opened.setRetentionTime(retention);
                    return version;
                });
    }

    /** Runs something on the store; what it throws names the file. */
    <T> T run(Function<MVStore, T> action) {
        try {
            return action.apply(store);
        } catch (MVStoreException e) {
            throw failed(path, e);
        } catch (IndexOutOfBoundsException | BufferUnderflowException | ClassCastException e) {
            // How MVStore reports a page whose bytes make no sense.
            throw new EngramException(path + DAMAGED + e, e);
        }
    }

    /** Writes all that is current into a new file, which takes the place of the old one. */
    void rewrite() {
        Path target = rewritten();
        try {
            Files.deleteIfExists(target);
            try (MVStore copy = open(target)) {
                for (String name : MAPS) {
                    copy(map(store, name), map(copy, name), copy);
                }
                copy.sync();
            }
            store.close();
            AtomicReplacement.of(target, path);
        } catch (IOException e) {
            throw new EngramException(
                    "%s could not be rewritten as %s: %s".formatted(path, target, e.getMessage()),
                    e);
        } catch (MVStoreException e) {
            throw failed(path, e);
        } finally {
            if (store.isClosed()) {
                store = open(path);
            }
        }
    }

    private static void copy(MVMap<Long, byte[]> from, MVMap<Long, byte[]> to, MVStore target) {
        int copied = 0;
        var cursor = from.cursor(null);
        while (cursor.hasNext()) {
            to.append(cursor.next(), cursor.getValue());
            if (++copied % COPIED_A_COMMIT == 0) {
                target.commit();
            }
        }
        target.commit();
    }

    private Path rewritten() {
        return path.resolveSibling(path.getFileName() + ".new");
    }

    private static MVMap<Long, byte[]> map(MVStore store, String name) {
        return store.openMap(
                name,
                new MVMap.Builder<Long, byte[]>()
                        .keyType(BoundedType.LONGS)
                        .valueType(BoundedType.BYTES));
    }

    private static MVStore open(Path path) {
        try {
            MVStore store =
                    new MVStore.Builder()
                            .fileName(path.toString())
                            .autoCommitDisabled()
                            .cacheSize(CACHE_MEGABYTES)
                            .pageSplitSize(PAGE_BYTES)
                            .open();
            store.setVersionsToKeep(0);
            return store;
        } catch (MVStoreException e) {
            throw failed(path, e);
        }
    }

    private static EngramException failed(Path path, MVStoreException cause) {
        String seen =
                switch (cause.getErrorCode()) {
                    case DataUtils.ERROR_FILE_LOCKED ->
                            " is open elsewhere: close the other first: ";
                    case DataUtils.ERROR_READING_FAILED, DataUtils.ERROR_WRITING_FAILED ->
                            cause.getCause() instanceof EOFException
                                    ? DAMAGED
                                    : " could not be read or written: ";
                    case DataUtils.ERROR_CLOSED ->
                            " is closed, by close() or by a write that failed. Open the store"
                                    + " again: ";
                    default -> DAMAGED;
                };
        return new EngramException(path + seen + cause.getMessage(), cause);
    }

    /** Closes it without another byte written. */
    void abandon() {
        store.closeImmediately();
    }

    @Override
    public void close() {
        run(
                opened -> {
                    opened.close();
                    return opened;
                });
    }
}
