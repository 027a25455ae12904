package dev.engram.replay.store.disk;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.PackedRows;
import dev.engram.replay.internal.records.Sealer;
import dev.engram.replay.internal.records.UnpackedRows;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Changes;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import dev.engram.replay.store.SampleStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Keeps samples in a directory, so that they outlive the process.
 *
 * <p>One process at a time opens a directory. The Java heap holds at most 64 bytes a sample and a
 * few megabytes; arrays go from the files to the device and back past it. A process that is killed
 * loses at most the change that it was applying. A machine that loses power may lose the last
 * seconds and then name samples as damaged when they are read; with {@link Builder#optSync} it
 * loses nothing that was applied.
 *
 * <p>With a key, arrays, keys and state are sealed with AES-256-GCM; how many samples there are,
 * how large they are and when the files were written can still be seen.
 *
 * <p>{@link #purge} overwrites the slots of removed samples where they lie and writes the index
 * anew. Copies that the file system or the drive keeps by itself (snapshots, flash wear levelling)
 * are out of its reach: where they matter, give a key.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class DiskStore implements SampleStore {

    private static final long NOWHERE = -1;
    private static final int CHANGES_UNTIL_GATHERED = 256;

    private final Path directory;
    private final boolean sync;
    private final DirectoryLock lock;
    private final DiskCatalog catalog;
    private final SlotTable places = new SlotTable();
    private final Shelves shelves;
    private long next;
    private int changes;

    private DiskStore(Builder builder, Path directory) {
        this.directory = directory;
        sync = builder.sync;
        Envelope envelope = Sealer.orChecksum(builder.key);
        lock = new DirectoryLock(directory);
        try {
            Damage.requireIndex(directory);
            catalog = new DiskCatalog(directory, envelope);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
        shelves = new Shelves(directory, envelope);
        try {
            catalog.forEachLayout(shelves::add);
            catalog.forEachPlace(this::claim);
            next = catalog.next();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts building a store. */
    public static Builder builder() {
        return new Builder();
    }

    private void claim(long id, long place) {
        places.put(id, place);
        shelves.at(place).file().claim((int) place);
    }

    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public long nextId() {
        return next++;
    }

    @Override
    public void forEach(Consumer<SampleKey> visitor) {
        catalog.forEachKey(place -> shelves.at(place).layout(), visitor);
    }

    @Override
    public Optional<String> state() {
        return catalog.state();
    }

    @Override
    public void apply(Change change) {
        Changes.check(change, id -> places.get(id) >= 0);
        long[] written = new long[change.added().size()];
        Arrays.fill(written, NOWHERE);
        try {
            boolean gathered = ++changes % CHANGES_UNTIL_GATHERED == 0;
            boolean forced = sync || gathered;
            write(change, written, forced);
            catalog.commit(() -> enter(change, written), forced, gathered);
        } catch (RuntimeException e) {
            release(written);
            throw e;
        }
        change.removed().forEach(id -> release(places.remove(id)));
        for (int i = 0; i < written.length; i++) {
            places.put(change.added().get(i).id(), written[i]);
        }
    }

    /** Writes the arrays where nothing is that the index names, and notes where. */
    private void write(Change change, long[] written, boolean forced) {
        List<SampleKey> added = change.added();
        if (added.isEmpty()) {
            return;
        }
        Layout layout = added.get(0).layout();
        Shelf shelf = shelves.of(layout);
        try (PackedRows rows = new PackedRows(layout, change.arrays())) {
            for (int i = 0; i < written.length; i++) {
                int slot = shelf.write(added.get(i).id(), rows, i);
                written[i] = (long) shelf.number() << Integer.SIZE | slot;
            }
        }
        if (forced) {
            shelf.file().force();
        }
    }

    private void enter(Change change, long[] written) {
        change.removed().forEach(catalog::remove);
        for (int i = 0; i < written.length; i++) {
            SampleKey key = change.added().get(i);
            catalog.putLayout(shelves.at(written[i]).number(), key.layout());
            catalog.put(key, written[i]);
        }
        catalog.putState(change.state(), next);
    }

    private void release(long... written) {
        for (long place : written) {
            if (place != NOWHERE) {
                shelves.at(place).file().release((int) place);
            }
        }
    }

    @Override
    public NDList read(long[] ids, NDManager manager) {
        Shelf shelf = shelves.at(place(ids[0]));
        UnpackedRows rows = new UnpackedRows(shelf.layout(), ids.length);
        for (int i = 0; i < ids.length; i++) {
            long place = place(ids[i]);
            Changes.requireSame(shelf.layout(), shelves.at(place).layout(), ids[i]);
            rows.put(i, shelf.read(ids[i], (int) place));
        }
        return rows.arrays(manager);
    }

    @Override
    public List<Long> damaged() {
        List<Long> damaged = new ArrayList<>();
        catalog.forEachPlace(
                (id, place) -> {
                    try {
                        shelves.at(place).read(id, place.intValue());
                    } catch (EngramException e) {
                        damaged.add(id);
                    }
                });
        return damaged;
    }

    private long place(long id) {
        long place = places.get(id);
        if (place < 0) {
            throw new EngramException(directory + " has no sample " + id);
        }
        return place;
    }

    @Override
    public void purge() {
        shelves.wipe();
        catalog.rewrite();
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    @Override
    public void close() {
        shelves.close();
        catalog.close();
        lock.close();
    }

    /** Builds a {@link DiskStore}. */
    public static final class Builder {

        private @Nullable Path directory;
        private @Nullable SecretKey key;
        private boolean sync;

        Builder() {}

        /** Sets where the files lie; created if missing. */
        public Builder setDirectory(Path directory) {
            this.directory = directory;
            return this;
        }

        /** Seals all that is written with an AES key of 256 bits; nothing is sealed unless set. */
        public Builder optKey(@Nullable SecretKey key) {
            this.key = key;
            return this;
        }

        /**
         * Waits at each change until the drive has it, which costs milliseconds; off unless set.
         */
        public Builder optSync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /**
         * Opens the store.
         *
         * @throws EngramException if it is open elsewhere, damaged, of another format or key
         */
        public DiskStore build() {
            if (directory == null) {
                throw new InvalidOptionException("setDirectory(...) is missing");
            }
            return new DiskStore(this, directory);
        }
    }
}
