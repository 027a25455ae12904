package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a store in a database promises on top. */
abstract class JdbcStoreContract extends SampleStoreContract {

    private static final String SECRET = "subject-digest-of-jane-roe";

    abstract DataSource source();

    private JdbcStore store(String memory, @Nullable SecretKey key) {
        return JdbcStore.builder().setDataSource(source()).setMemory(memory).optKey(key).build();
    }

    @Test
    void twoMemoriesInOneDatabaseDoNotSeeEachOther() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            JdbcStore one = store("one", null);
            JdbcStore two = store("two", null);
            List<Long> ids = change(one, manager, 3, "of one");
            assertThat(keys(two)).isEmpty();
            assertThat(two.state()).isEmpty();
            assertThatThrownBy(() -> two.read(new long[] {ids.get(0)}, manager))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("The memory \"two\" has no sample " + ids.get(0));
        }
    }

    @Test
    void twoMachinesShareOneMemory() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            JdbcStore here = store("shared", null);
            JdbcStore there = store("shared", null);
            List<Long> mine = change(here, manager, 3, "mine");
            List<Long> theirs = change(there, manager, 3, "theirs");
            assertThat(mine).doesNotContainAnyElementsOf(theirs);
            assertThat(keys(here)).hasSize(6).isEqualTo(keys(there));
            assertThat(here.state()).contains("theirs");
            there.apply(Change.of(mine, List.of(), new NDList(), "erased"));
            assertThatThrownBy(() -> here.read(new long[] {mine.get(1)}, manager))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another process may have removed it");
        }
    }

    @Test
    void machinesThatStartAndChangeAtOnceAllSucceed() throws Exception {
        dropTables();
        int machines = 6;
        ExecutorService executor = Executors.newFixedThreadPool(machines);
        try {
            List<Future<List<Long>>> running = new ArrayList<>();
            for (int i = 0; i < machines; i++) {
                running.add(executor.submit(this::machine));
            }
            Set<Long> ids = new HashSet<>();
            for (Future<List<Long>> machine : running) {
                ids.addAll(machine.get());
            }
            assertThat(ids).hasSize(machines * 20);
        } finally {
            executor.shutdown();
        }
        assertThat(keys(store("busy", null))).hasSize(machines * 20);
    }

    private void dropTables() throws SQLException {
        try (Connection connection = source().getConnection();
                Statement drop = connection.createStatement()) {
            for (String table : List.of("engram_memory", "engram_sample", "engram_node")) {
                drop.execute("DROP TABLE " + table);
            }
        }
    }

    private List<Long> machine() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            JdbcStore store = store("busy", null);
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                ids.addAll(change(store, manager, 2, "step " + i));
            }
            return ids;
        }
    }

    @Test
    void aKeyHidesAllButIdsAndSizes() throws SQLException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            change(store("open", null), manager, 1, "state-in-the-clear");
            assertThat(found("open", SECRET)).isTrue();
            assertThat(found("open", "state-in-the-clear")).isTrue();
            JdbcStore store = store("sealed", SealedDiskStoreTest.KEY);
            List<Long> ids = change(store, manager, 1, "state-in-the-clear");
            for (String text :
                    List.of(SECRET, "state-in-the-clear", "F32[", "\u0000\u0000\u0080?")) {
                assertThat(found("sealed", text)).as(text).isFalse();
            }
            assertThat(store.read(new long[] {ids.get(0)}, manager).head().toFloatArray())
                    .containsOnly(1f);
        }
    }

    @Test
    void anotherKeyIsRefused() {
        store("sealed", SealedDiskStoreTest.KEY);
        assertThatThrownBy(() -> store("sealed", SealedDiskStoreTest.key(2)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("The memory \"sealed\" cannot be opened with this key");
        assertThatThrownBy(() -> store("sealed", null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("is encrypted");
    }

    @Test
    void aStatementThatFailsNamesTheMemoryAndTheDatabasesReason() throws SQLException {
        JdbcStore store = store("lost", null);
        dropTables();
        assertThatThrownBy(store::state)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("The memory \"lost\": the database says")
                .hasMessageContainingAll("SQL state");
        // The next test's store makes them anew, and this one's too.
        store("lost", null);
    }

    private static List<Long> change(
            SampleStore store, NDManager manager, int count, String state) {
        try (NDManager scope = manager.newSubManager()) {
            NDList data = new NDList(scope.ones(new Shape(count, 50)));
            Layout layout = Layout.of(data, new NDList(), new NDList());
            List<SampleKey> keys =
                    Stream.generate(
                                    () ->
                                            SampleKey.of(
                                                    store.nextId(), "t", "t", 0, SECRET, 0, layout))
                            .limit(count)
                            .toList();
            store.apply(Change.of(List.of(), keys, data, state));
            return keys.stream().map(SampleKey::id).toList();
        }
    }

    private static List<SampleKey> keys(SampleStore store) {
        List<SampleKey> keys = new ArrayList<>();
        store.forEach(keys::add);
        return keys;
    }

    private boolean found(String memory, String text) throws SQLException {
        String sql =
                "SELECT about, payload FROM engram_sample WHERE name = ?"
                        + " UNION ALL SELECT proof, state FROM engram_memory WHERE name = ?";
        try (Connection connection = source().getConnection();
                PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, memory);
            select.setString(2, memory);
            try (ResultSet rows = select.executeQuery()) {
                StringBuilder all = new StringBuilder();
                while (rows.next()) {
                    all.append(new String(rows.getBytes(1), StandardCharsets.ISO_8859_1));
                    all.append(new String(rows.getBytes(2), StandardCharsets.ISO_8859_1));
                }
                return all.indexOf(text) >= 0;
            }
        }
    }
}
