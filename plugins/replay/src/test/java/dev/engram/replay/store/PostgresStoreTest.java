package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL, where the machine has one. */
class PostgresStoreTest extends JdbcStoreContract {

    private static @Nullable PostgresServer server;

    private String schema = "public";

    @BeforeAll
    static void startServer() throws Exception {
        server = PostgresServer.start().orElse(null);
        Assumptions.assumeTrue(
                server != null,
                "No PostgreSQL here: initdb, pg_ctl and postgres are neither in PATH nor in"
                        + " /usr/lib/postgresql/*/bin");
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    @BeforeEach
    @Override
    void openStore() throws Exception {
        schema = "test" + System.nanoTime();
        try (Connection connection = server.source().getConnection();
                Statement create = connection.createStatement()) {
            create.execute("CREATE SCHEMA " + schema);
        }
        super.openStore();
    }

    @Override
    DataSource source() {
        org.postgresql.ds.PGSimpleDataSource source =
                (org.postgresql.ds.PGSimpleDataSource) server.source();
        source.setCurrentSchema(schema);
        return source;
    }

    @Override
    SampleStore open(NDManager manager) {
        return JdbcStore.builder().setDataSource(source()).setMemory("vision").build();
    }

    @Test
    void aPurgeGivesTheTablesRoomBack() throws SQLException {
        try (NDManager manager = NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
                SampleStore store = open(manager)) {
            NDList data = new NDList(manager.randomUniform(0, 1, new Shape(500, 784)));
            Layout layout = Layout.of(data, new NDList(), new NDList());
            List<SampleKey> keys =
                    Stream.generate(() -> SampleKey.of(store.nextId(), "t", "t", 0, "", 0, layout))
                            .limit(500)
                            .toList();
            store.apply(Change.of(List.of(), keys, data, "full"));
            long full = size();
            List<Long> ids = keys.stream().map(SampleKey::id).toList();
            store.apply(Change.of(ids, List.of(), new NDList(), "empty"));
            assertThat(size()).isGreaterThanOrEqualTo(full);
            store.purge();
            assertThat(full).isGreaterThan(1_000_000);
            assertThat(size()).isLessThan(50_000);
        }
    }

    private long size() throws SQLException {
        try (Connection connection = source().getConnection();
                Statement select = connection.createStatement();
                ResultSet row =
                        select.executeQuery("SELECT pg_total_relation_size('engram_sample')")) {
            row.next();
            return row.getLong(1);
        }
    }
}
