package dev.engram.replay.store.jdbc;

import dev.engram.api.EngramException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Runs work on a caller's database, in one transaction each; what fails is told by name. */
final class Database {

    private final DataSource source;
    private final String store;

    /**
     * Creates it.
     *
     * @param store how messages name what is kept there
     */
    Database(DataSource source, String store) {
        this.source = source;
        this.store = store;
    }

    /** Commits what the work did; rolls it back if the work fails. */
    <T> T transaction(Work<T> work) {
        return run(
                connection -> {
                    connection.setAutoCommit(false);
                    try {
                        T result = work.on(connection);
                        connection.commit();
                        return result;
                    } catch (SQLException | RuntimeException e) {
                        connection.rollback();
                        throw e;
                    } finally {
                        connection.setAutoCommit(true);
                    }
                });
    }

    /** Runs work of which each statement stands for itself. */
    <T> T run(Work<T> work) {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(true);
            return work.on(connection);
        } catch (SQLException e) {
            throw new EngramException(
                    "%s: the database says: %s (SQL state %s)"
                            .formatted(store, e.getMessage(), e.getSQLState()),
                    e);
        }
    }

    /** Returns whether something with the same key was there already. */
    static boolean isDuplicate(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith("23");
    }

    /** What is to be done with a connection. */
    interface Work<T> {

        T on(Connection connection) throws SQLException;
    }
}
