package dev.engram.replay.store.jdbc;

import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.StoreHeader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of a {@link JdbcStore}, made where they are missing. */
final class JdbcSchema {

    static final int LONGEST_NAME = 200;

    private static final String[][] TABLES = {
        {
            "engram_memory",
            "name VARCHAR(200) PRIMARY KEY, format VARCHAR(100) NOT NULL, proof %1$s NOT NULL,"
                    + " state %1$s"
        },
        {
            "engram_sample",
            "name VARCHAR(200), id BIGINT, about %1$s NOT NULL, payload %1$s NOT NULL,"
                    + " PRIMARY KEY (name, id)"
        },
        {"engram_node", "node BIGINT PRIMARY KEY"},
    };

    private final Database database;

    JdbcSchema(Database database) {
        this.database = database;
    }

    void create() {
        database.run(
                connection -> {
                    for (String[] table : TABLES) {
                        if (!exists(connection, table[0])) {
                            create(connection, table[0], table[1]);
                        }
                    }
                    return true;
                });
    }

    private static void create(Connection connection, String table, String columns)
            throws SQLException {
        String type = isPostgres(connection) ? "BYTEA" : "BLOB";
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (" + columns.formatted(type) + ")");
        } catch (SQLException e) {
            // Another machine may have been faster.
            if (!exists(connection, table)) {
                throw e;
            }
        }
    }

    private static boolean exists(Connection connection, String table) {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT 1 FROM " + table + " WHERE 1 = 0")) {
            return !rows.next();
        } catch (SQLException e) {
            return false;
        }
    }

    static boolean isPostgres(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }

    /** Enters a memory if it is new; otherwise sees to it that it may be read. */
    void enter(String name, String store, Envelope envelope) {
        StoreHeader header = new StoreHeader(store, envelope);
        if (!require(name, header)) {
            insert(name, envelope);
            require(name, header);
        }
    }

    /** Returns whether there is such a memory, and sees to it that it may be read. */
    private boolean require(String name, StoreHeader header) {
        return database.run(
                connection -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT format, proof FROM engram_memory WHERE name = ?")) {
                        select.setString(1, name);
                        try (ResultSet row = select.executeQuery()) {
                            if (!row.next()) {
                                return false;
                            }
                            header.requireFormat(row.getString(1));
                            header.requireKey(row.getBytes(2));
                            return true;
                        }
                    }
                });
    }

    private void insert(String name, Envelope envelope) {
        database.run(
                connection -> {
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO engram_memory (name, format, proof) VALUES (?, ?,"
                                            + " ?)")) {
                        insert.setString(1, name);
                        insert.setString(2, StoreHeader.format(envelope));
                        insert.setBytes(3, StoreHeader.proof(envelope));
                        insert.executeUpdate();
                    } catch (SQLException e) {
                        // Another machine may have been faster.
                        if (!Database.isDuplicate(e)) {
                            throw e;
                        }
                    }
                    return true;
                });
    }
}
