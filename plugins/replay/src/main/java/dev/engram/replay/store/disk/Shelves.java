package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.DamageAdvice;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.store.Layout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The shelves of a disk store, one for each layout; a place is a shelf's number and a slot. */
final class Shelves implements AutoCloseable {

    private final Path directory;
    private final Envelope envelope;
    private final Map<Integer, Shelf> byNumber = new HashMap<>();
    private final Map<Layout, Shelf> byLayout = new HashMap<>();

    Shelves(Path directory, Envelope envelope) {
        this.directory = directory;
        this.envelope = envelope;
    }

    Shelf add(int number, Layout layout) {
        Shelf shelf = new Shelf(number, layout, directory, envelope);
        byNumber.put(number, shelf);
        byLayout.put(layout, shelf);
        return shelf;
    }

    /** Returns the shelf of a layout, a new one if there was none. */
    Shelf of(Layout layout) {
        Shelf known = byLayout.get(layout);
        return known == null ? add(byNumber.size(), layout) : known;
    }

    /** Returns the shelf of a place. */
    Shelf at(long place) {
        Shelf shelf = byNumber.get((int) (place >>> Integer.SIZE));
        if (shelf == null) {
            throw new EngramException(
                    "%s is damaged: a sample lies at %x, where no layout is. %s"
                            .formatted(directory, place, DamageAdvice.TEXT));
        }
        return shelf;
    }

    /** Overwrites everything that is not in use. */
    void wipe() {
        byNumber.values().forEach(shelf -> shelf.file().wipe());
    }

    @Override
    public void close() {
        byNumber.values().forEach(Shelf::close);
    }
}
