package dev.engram.replay.store.jdbc;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.Envelope.Kind;
import dev.engram.replay.internal.records.KeyCodec;
import dev.engram.replay.internal.records.PackedRows;
import dev.engram.replay.internal.records.UnpackedRows;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Changes;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.MissingSampleException;
import dev.engram.replay.store.SampleKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The samples of one memory in the tables of {@link JdbcSchema}. */
final class JdbcSamples {

    private static final int FETCHED_AT_ONCE = 1000;
    private static final long BYTES_A_BATCH = 8 << 20;

    private final String memory;
    private final String store;
    private final Envelope envelope;
    private final KeyCodec codec = new KeyCodec();
    private final Map<String, Layout> layouts = new HashMap<>();

    JdbcSamples(String memory, String store, Envelope envelope) {
        this.memory = memory;
        this.store = store;
        this.envelope = envelope;
    }

    boolean visit(Connection connection, Consumer<SampleKey> visitor) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT id, about FROM engram_sample WHERE name = ? ORDER BY id")) {
            select.setString(1, memory);
            select.setFetchSize(FETCHED_AT_ONCE);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    visitor.accept(key(rows));
                }
            }
        }
        return true;
    }

    Optional<String> state(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT state FROM engram_memory WHERE name = ?")) {
            select.setString(1, memory);
            try (ResultSet row = select.executeQuery()) {
                byte[] state = row.next() ? row.getBytes(1) : null;
                return Optional.ofNullable(state)
                        .map(
                                closed ->
                                        new String(
                                                open(Kind.STATE, 0, closed),
                                                StandardCharsets.UTF_8));
            }
        }
    }

    boolean apply(Connection connection, Change change) throws SQLException {
        if (!change.added().isEmpty()) {
            insert(connection, change);
        }
        delete(connection, change.removed());
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE engram_memory SET state = ? WHERE name = ?")) {
            byte[] state = change.state().getBytes(StandardCharsets.UTF_8);
            update.setBytes(1, envelope.close(Kind.STATE, 0, state));
            update.setString(2, memory);
            update.executeUpdate();
        }
        return true;
    }

    private void insert(Connection connection, Change change) throws SQLException {
        Layout layout = change.added().get(0).layout();
        long atOnce = Math.max(1, BYTES_A_BATCH / Math.max(1, layout.bytes()));
        try (PackedRows rows = new PackedRows(layout, change.arrays());
                PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO engram_sample (name, id, about, payload)"
                                        + " VALUES (?, ?, ?, ?)")) {
            for (int i = 0; i < change.added().size(); i++) {
                SampleKey key = change.added().get(i);
                ByteBuffer plain = ByteBuffer.allocate(Math.toIntExact(layout.bytes()));
                rows.copy(i, plain);
                byte[] about = KeyCodec.encode(key, layout.toString());
                insert.setString(1, memory);
                insert.setLong(2, key.id());
                insert.setBytes(3, envelope.close(Kind.KEY, key.id(), about));
                insert.setBytes(4, envelope.close(Kind.PAYLOAD, key.id(), plain.array()));
                insert.addBatch();
                if ((i + 1) % atOnce == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
        } catch (SQLException e) {
            if (Database.isDuplicate(e)) {
                throw new IllegalArgumentException(
                        store + " has one of the samples already: take ids from nextId()", e);
            }
            throw e;
        }
    }

    private void delete(Connection connection, List<Long> removed) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement(
                        "DELETE FROM engram_sample WHERE name = ? AND id = ?")) {
            // In one order everywhere, so that two machines do not wait for each other.
            for (long id : removed.stream().sorted().toList()) {
                delete.setString(1, memory);
                delete.setLong(2, id);
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    UnpackedRows read(Connection connection, long[] ids) throws SQLException {
        long[] distinct = LongStream.of(ids).distinct().toArray();
        Map<Long, List<Integer>> rowsOf = new HashMap<>();
        for (int row = 0; row < ids.length; row++) {
            rowsOf.computeIfAbsent(ids[row], id -> new ArrayList<>()).add(row);
        }
        @Nullable UnpackedRows unpacked = null;
        try (PreparedStatement select = select(connection, distinct);
                ResultSet found = select.executeQuery()) {
            while (found.next()) {
                SampleKey key = key(found);
                if (unpacked == null) {
                    unpacked = new UnpackedRows(key.layout(), ids.length);
                }
                Changes.requireSame(unpacked.layout(), key.layout(), key.id());
                ByteBuffer sample =
                        ByteBuffer.wrap(open(Kind.PAYLOAD, key.id(), found.getBytes(3)));
                for (int row : rowsOf.remove(key.id())) {
                    unpacked.put(row, sample);
                }
            }
        }
        if (unpacked == null || !rowsOf.isEmpty()) {
            throw new MissingSampleException(
                    "%s has no sample %s; another process may have removed it"
                            .formatted(store, Collections.min(rowsOf.keySet())));
        }
        return unpacked;
    }

    /** Asks for a power of two of ids, so that the database sees few different statements. */
    private PreparedStatement select(Connection connection, long[] ids) throws SQLException {
        int asked = Integer.highestOneBit(Math.max(1, 2 * ids.length - 1));
        PreparedStatement select =
                connection.prepareStatement(
                        "SELECT id, about, payload FROM engram_sample WHERE name = ? AND id IN (?"
                                + ", ?".repeat(asked - 1)
                                + ")");
        select.setString(1, memory);
        for (int i = 0; i < asked; i++) {
            select.setLong(i + 2, ids[Math.min(i, ids.length - 1)]);
        }
        return select;
    }

    /** Has the table written anew where it is known how; returns what is left to others. */
    static Optional<String> rewrite(Connection connection) throws SQLException {
        if (!JdbcSchema.isPostgres(connection)) {
            return Optional.of("have its administrator compact it");
        }
        try (Statement vacuum = connection.createStatement()) {
            for (String table : Arrays.asList("engram_sample", "engram_memory")) {
                vacuum.execute("VACUUM (FULL) " + table);
                if (vacuum.getWarnings() != null) {
                    return Optional.of(String.valueOf(vacuum.getWarnings()));
                }
            }
        }
        return Optional.empty();
    }

    private SampleKey key(ResultSet row) throws SQLException {
        long id = row.getLong(1);
        byte[] about = open(Kind.KEY, id, row.getBytes(2));
        return codec.decode(id, about, text -> layouts.computeIfAbsent(text, Layout::parse));
    }

    private byte[] open(Kind kind, long id, byte[] closed) {
        try {
            return envelope.open(kind, id, closed);
        } catch (Envelope.BrokenSealException e) {
            throw new EngramException(
                    "%s is damaged at the %s record %s: %s. Restore it from a backup, or delete the row"
                            .formatted(store, kind, id, e.getMessage()),
                    e);
        }
    }
}
