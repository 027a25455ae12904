package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.DamageAdvice;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.Envelope.Kind;
import dev.engram.replay.internal.records.KeyCodec;
import dev.engram.replay.internal.records.StoreHeader;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.h2.mvstore.MVMap;

/** What the records of a disk store's index mean, and whether this store may read them. */
final class DiskCatalog implements AutoCloseable {

    static final String INDEX = "index.mv";

    private static final long FORMAT_AND_ENVELOPE = 0;
    private static final long PROOF = 1;
    private static final long NEXT = 2;
    private static final long STATE = 3;
    private static final long CHANGES = 4;
    private static final int PREFIX = Long.BYTES;

    private final Path directory;
    private final DiskIndex index;
    private final IndexMark mark;
    private final Envelope envelope;
    private final KeyCodec codec = new KeyCodec();
    private long changes;

    DiskCatalog(Path directory, Envelope envelope) {
        this.directory = directory;
        this.envelope = envelope;
        this.mark = new IndexMark(directory);
        this.index = new DiskIndex(directory.resolve(INDEX));
        try {
            index.run(store -> firstOpened());
        } catch (RuntimeException e) {
            index.abandon();
            throw e;
        }
    }

    private boolean firstOpened() {
        byte[] written = index.about().get(FORMAT_AND_ENVELOPE);
        changes = number(CHANGES, 0);
        mark.require(index.path(), changes);
        if (written == null) {
            Damage.requireNoArrays(directory, "knows nothing");
            index.about().put(FORMAT_AND_ENVELOPE, bytes(StoreHeader.format(envelope)));
            index.about().put(PROOF, StoreHeader.proof(envelope));
            index.commit(true, false);
            return true;
        }
        StoreHeader header = new StoreHeader(directory.toString(), envelope);
        header.requireFormat(new String(written, StandardCharsets.UTF_8));
        header.requireKey(index.about().get(PROOF));
        return false;
    }

    /** Returns the first id that was never given to a sample here. */
    long next() {
        return index.run(store -> number(NEXT, 1));
    }

    private long number(long record, long unlessThere) {
        byte[] bytes = index.about().get(record);
        return bytes == null ? unlessThere : ByteBuffer.wrap(bytes).getLong();
    }

    private void putNumber(long record, long value) {
        index.about().put(record, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    Optional<String> state() {
        return Optional.ofNullable(index.run(store -> index.about().get(STATE)))
                .map(state -> new String(open(Kind.STATE, 0, state), StandardCharsets.UTF_8));
    }

    void forEachLayout(BiConsumer<Integer, Layout> visitor) {
        forEach(
                index.layouts(),
                (number, text) ->
                        visitor.accept(
                                number.intValue(),
                                Layout.parse(
                                        new String(
                                                open(Kind.LAYOUT, number, text),
                                                StandardCharsets.UTF_8))));
    }

    /** Visits the places of all samples; opens no envelope. */
    void forEachPlace(BiConsumer<Long, Long> visitor) {
        forEach(
                index.keys(),
                (id, record) -> visitor.accept(id, ByteBuffer.wrap(record).getLong()));
    }

    /**
     * Visits the keys of all samples, ascending by id.
     *
     * @param layouts says which layout the samples at a place have
     */
    void forEachKey(LongFunction<Layout> layouts, Consumer<SampleKey> visitor) {
        forEach(
                index.keys(),
                (id, record) -> {
                    long place = ByteBuffer.wrap(record).getLong();
                    byte[] closed = Arrays.copyOfRange(record, PREFIX, record.length);
                    byte[] key = open(Kind.KEY, id, closed);
                    visitor.accept(codec.decode(id, key, name -> layouts.apply(place)));
                });
    }

    void putLayout(int number, Layout layout) {
        MVMap<Long, byte[]> layouts = index.layouts();
        if (!layouts.containsKey((long) number)) {
            layouts.put(
                    (long) number, envelope.close(Kind.LAYOUT, number, bytes(layout.toString())));
        }
    }

    void put(SampleKey key, long place) {
        byte[] closed = envelope.close(Kind.KEY, key.id(), KeyCodec.encode(key, ""));
        byte[] record =
                ByteBuffer.allocate(PREFIX + closed.length).putLong(place).put(closed).array();
        index.keys().put(key.id(), record);
    }

    void remove(long id) {
        index.keys().remove(id);
    }

    void putState(String state, long next) {
        index.about().put(STATE, envelope.close(Kind.STATE, 0, bytes(state)));
        putNumber(NEXT, next);
    }

    /** Makes all that {@code puts} puts durable, or, if it fails, none of it. */
    void commit(Runnable puts, boolean forced, boolean gathered) {
        index.run(
                store -> {
                    try {
                        puts.run();
                        putNumber(CHANGES, changes + 1);
                    } catch (RuntimeException e) {
                        store.rollback();
                        throw e;
                    }
                    return store;
                });
        index.commit(forced, gathered);
        changes++;
        if (forced) {
            mark.write(changes);
        }
    }

    void rewrite() {
        index.rewrite();
    }

    private void forEach(MVMap<Long, byte[]> map, BiConsumer<Long, byte[]> visitor) {
        index.run(
                store -> {
                    var cursor = map.cursor(null);
                    while (cursor.hasNext()) {
                        visitor.accept(cursor.next(), cursor.getValue());
                    }
                    return map;
                });
    }

    private byte[] open(Kind kind, long id, byte[] closed) {
        try {
            return envelope.open(kind, id, closed);
        } catch (Envelope.BrokenSealException e) {
            throw new EngramException(
                    "%s is damaged at the %s record %s: %s. %s"
                            .formatted(index.path(), kind, id, e.getMessage(), DamageAdvice.TEXT),
                    e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        index.close();
        mark.write(changes);
    }
}
